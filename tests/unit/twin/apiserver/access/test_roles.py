"""Rules of roles, held against what is asked."""

from __future__ import annotations

import pytest

from kingtide.twin.apiserver.access.asked import Asked
from kingtide.twin.apiserver.access.roles import Rule

READS_PODS = Rule(("get", "list"), ("",), ("pods",))


@pytest.mark.parametrize(
    ("rule", "it", "allows"),
    [
        pytest.param(READS_PODS, Asked("get", "", "pods"), True, id="what it says"),
        pytest.param(READS_PODS, Asked("delete", "", "pods"), False, id="another verb"),
        pytest.param(READS_PODS, Asked("get", "metrics.k8s.io", "pods"), False, id="another group"),
        pytest.param(READS_PODS, Asked("get", "", "pods", "log"), False, id="a subresource"),
        pytest.param(READS_PODS, Asked("get", path="/metrics"), False, id="a path"),
        pytest.param(
            Rule(("*",), ("*",), ("*",)), Asked("patch", "apps", "deployments", "scale"), True,
            id="everything",
        ),
        pytest.param(
            Rule(("update",), ("apps",), ("*/scale",)),
            Asked("update", "apps", "statefulsets", "scale"), True, id="a subresource of all",
        ),
        pytest.param(
            Rule(("get",), ("",), ("pods",), ("a",)), Asked("get", "", "pods", "", "", "a"), True,
            id="an object by name",
        ),
        pytest.param(
            Rule(("list",), ("",), ("pods",), ("a",)), Asked("list", "", "pods"), False,
            id="all where one is allowed",
        ),
        pytest.param(
            Rule(("get",), paths=("/debug/*",)), Asked("get", path="/debug/pprof"), True,
            id="paths below",
        ),
    ],
)  # fmt: skip
def test_a_rule_allows(rule: Rule, it: Asked, *, allows: bool) -> None:
    assert rule.allows(it) is allows
