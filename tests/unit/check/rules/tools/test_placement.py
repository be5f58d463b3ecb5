from __future__ import annotations

import pytest

from kingtide.check.rules.tools.fleet_tools import tool_yaml
from kingtide.check.rules.tools.placement import RULES
from tests.unit.check.example_fleet import API
from tests.unit.check.rules.tools.fleets import found

LABELLED = {
    "clusters/prod.yaml": f"{API}\nkind: Cluster\nmetadata: {{name: prod,"
    " labels: {env: prod, customer: a}}\nspec: {class: base}\n"
}


@pytest.mark.parametrize(
    ("labels", "wrong"),
    [
        pytest.param("{}", None, id="every cluster"),
        pytest.param("{env: prod, customer: a}", None, id="one cluster"),
        pytest.param("{env: prod, customer: b}", "the label customer: b", id="no such value"),
        pytest.param("{team: web}", "the label team: web", id="no such label"),
    ],
)
def test_a_tool_runs_somewhere(labels: str, wrong: str | None) -> None:
    placed = {"a": tool_yaml("a", more=f"placement: {{matchLabels: {labels}}}")}
    told = found(RULES, "KT506", placed, files=LABELLED)
    assert len(told) == (wrong is not None)
    assert wrong is None or wrong in told[0]


def test_labels_that_no_cluster_has_together_are_told_too() -> None:
    second = (
        f"{API}\nkind: Cluster\nmetadata: {{name: second, labels: {{env: dev, customer: b}}}}\n"
    )
    files = {**LABELLED, "clusters/second.yaml": f"{second}spec: {{class: base}}\n"}
    placed = {"a": tool_yaml("a", more="placement: {matchLabels: {env: dev, customer: a}}")}
    (told,) = found(RULES, "KT506", placed, files=files)
    assert "no cluster has all of these labels" in told


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("tools/a/values.yaml", None),
        ("tools/a/values.env-prod.yaml", None),
        ("tools/a/values.cluster-prod.yaml", None),
        ("tools/a/values.env-dev.yaml", "there is no environment 'dev'"),
        ("tools/a/values.cluster-prd.yaml", "there is no cluster 'prd'"),
        ("tools/a/values.prod.yaml", "nobody reads values of such a name"),
        ("tools/b/values.yaml", "there is no tool 'b'"),
    ],
)
def test_values_are_read_by_somebody(name: str, wrong: str | None) -> None:
    told = found(RULES, "KT508", {"a": tool_yaml("a")}, files={**LABELLED, name: "a: 1\n"})
    assert len(told) == (wrong is not None)
    assert wrong is None or (told[0].startswith(name) and wrong in told[0])
