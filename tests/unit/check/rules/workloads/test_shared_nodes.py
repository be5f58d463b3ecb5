from __future__ import annotations

import pytest

from kingtide.check.rules.workloads.example import ADMIN, DEPLOYMENT, changed, on_admin
from kingtide.check.rules.workloads.shared_nodes import RULES
from tests.unit.check.rules.workloads.clusters import found

LIMITS = ", limits: {cpu: 500m, memory: 512Mi}"


def test_limits_are_wanted_where_nodes_are_shared() -> None:
    (told,) = found(RULES, "KT405", changed(DEPLOYMENT, (LIMITS, ", limits: {memory: 512Mi}")))
    assert "no cpu limit on nodes that it shares" in told
    assert found(RULES, "KT405", on_admin(changed(DEPLOYMENT, (LIMITS, ""))), spec=ADMIN) == []


@pytest.mark.parametrize(
    ("image", "codes"),
    [
        ("nginx:1.27-alpine", ["KT407"]),
        ("alpine:3.20", ["KT407"]),
        ("acme/alpinist:1", []),
        ("rust:1-musl", ["KT407"]),
        ("nginx:1.27@sha256:abcalpine", []),
        ("registry:5000/nginx", ["KT415"]),
        ("nginx:latest", ["KT415"]),
        ("nginx@sha256:abc", []),
        ("registry:5000/nginx:1.27", []),
    ],
)
def test_an_image_is_judged_by_its_name(image: str, codes: list[str]) -> None:
    pods = changed(DEPLOYMENT, ("registry.acme.com/api:1.4.2", image))
    assert [code for code in ("KT407", "KT415") if found(RULES, code, pods)] == codes
