from __future__ import annotations

import json

import pytest

from tests.unit.check.rules.checking import found, told

TOOL = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Tool
metadata: {name: cluster-autoscaler}
spec:
  chart: {repo: https://kubernetes.github.io/autoscaler, name: cluster-autoscaler, version: 9.59.0}
  namespace: kube-system
"""
BAD = 'expanderPriorities: |\n  10: ["^on-demand-"]\n  50: ["^spot-workers-"]\n'


def patch(text: str) -> str:
    return (
        "kubernetes:\n  patches:\n"
        "  - target: {kind: ConfigMap, name: cluster-autoscaler-priority-expander}\n"
        f"    merge: {{data: {{priorities: {json.dumps(text)}}}}}"
    )


def test_the_order_that_a_fleet_compiles_to_is_right() -> None:
    assert [told(f"KT30{number}") for number in range(1, 6)] == [[], [], [], [], []]


def test_an_order_in_a_tools_values_is_found_in_its_file() -> None:
    files = {
        "tools__cluster-autoscaler__tool": TOOL,
        "tools__cluster-autoscaler__values": f"# values\n{BAD}",
    }
    (pattern,) = found("KT302", **files)
    assert pattern.place.file == "tools/cluster-autoscaler/values.yaml"
    assert (pattern.place.line, pattern.field) == (2, "expanderPriorities")
    assert pattern.wrong == "'^spot-workers-' of priority 50 matches no group"
    assert [it.place.file for it in found("KT303", **files)] == [pattern.place.file] * 2


def test_the_values_of_the_cluster_come_before_those_of_all() -> None:
    good = 'expanderPriorities: |\n  10: ["^on-demand-"]\n  50: ["^spot-nodes-"]\n'
    files = {
        "tools__cluster-autoscaler__tool": TOOL,
        "tools__cluster-autoscaler__values": good,
        "tools__cluster-autoscaler__values.cluster-prod": BAD,
    }
    (it,) = found("KT302", **files)
    assert it.place.file == "tools/cluster-autoscaler/values.cluster-prod.yaml"


def test_an_order_that_a_patch_makes_is_found_at_the_patch() -> None:
    (it,) = found("KT301", patch('10: ["(?!spot)"]'))
    assert it.field == "spec.kubernetes.patches[0]"
    assert "a pattern is not one of RE2" in it.wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('10: ["on-demand"]\n50: ["spot"]', []),
        ('50: ["on-demand", "spot"]', ["as soon as"]),
        ('60: ["on-demand"]\n50: ["spot"]', ["before"]),
        ('60: ["on-demand-.*-4x"]\n50: ["spot"]\n10: ["on-demand-.*-8x"]', ["before"]),
    ],
    ids=["spot first", "one tier", "on-demand first", "one size of it first"],
)
def test_on_demand_is_asked_after_spot(text: str, wrong: list[str]) -> None:
    said = told("KT304", patch(text))
    assert {how for how in ("before", "as soon as") for it in said if f" asked {how} " in it} == (
        set(wrong)
    )


def test_a_tier_below_the_lowest_is_never_asked() -> None:
    said = told("KT303", patch('-2: ["on-demand"]\n50: ["spot"]'))
    assert [it.partition(".")[0] for it in said] == ["on-demand-workers-4x", "on-demand-workers-8x"]
    assert all(it.endswith("stands at -2, below which nothing is ever asked") for it in said)


def test_without_the_priority_expander_no_order_is_looked_at() -> None:
    spec = patch('10: ["(?!spot)"]') + "\nautoscaler: {expander: least-waste}"
    assert told("KT301", spec) == []
