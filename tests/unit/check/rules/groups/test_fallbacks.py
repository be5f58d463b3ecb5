from __future__ import annotations

import pytest

from tests.unit.check.rules.checking import found, told


def fallback(sizes: str) -> str:
    return f"nodeGroups: {{workers: {{onDemandFallback: {{sizes: {{{sizes}}}}}}}}}"


def patched(merge: str) -> str:
    return (
        "kops:\n  patches:\n  - target: {kind: InstanceGroup, name: on-demand-*}\n"
        f"    merge: {{spec: {{{merge}}}}}"
    )


@pytest.mark.parametrize(
    ("sizes", "wrong"),
    [
        ("4x: {max: 100}, 8x: {max: 50}", []),
        ("4x: {max: 200}, 8x: null", ["31850m CPU"]),
        ("4x: null, 8x: {max: 100}", []),
        ("4x: {max: 99}, 8x: {max: 50}", ["spot may have 3,200 cores, and its fallback 3,184"]),
        ("8x: {instances: [c5.9xlarge], max: 200}", []),
    ],
    ids=["the same", "no large size", "only the large size", "a node less", "a larger type"],
)
def test_a_fallback_has_nodes_as_large_and_as_many_cores(sizes: str, wrong: list[str]) -> None:
    said = told("KT209", fallback(sizes))
    assert len(said) == len(wrong)
    assert all(words in it for words, it in zip(wrong, said, strict=True))


def test_a_zone_without_a_fallback_is_found_at_the_patch_that_takes_it() -> None:
    (it,) = found("KT209", patched("subnets: [eu-west-1a, eu-west-1b]"))
    assert it.field == "spec.kops.patches[0].merge.spec.subnets"
    assert "spot is in eu-west-1c, and no fallback is" in it.wrong


def test_a_taint_that_only_the_fallback_has_keeps_pods_away() -> None:
    said = told("KT209", patched("taints: ['night=true:NoSchedule']"))
    assert [it.rpartition(": ")[2] for it in said] == [
        "pods of spot-nodes-workers-4x do not tolerate its taints",
        "pods of spot-nodes-workers-8x do not tolerate its taints",
    ]


def test_a_group_that_is_always_on_demand_needs_no_fallback() -> None:
    jobs = "nodeGroups: {jobs: {onDemand: {sizes: {4x: {instances: 4x-cpu16, max: 9}}}}}"
    assert told("KT211", jobs) == told("KT209", jobs) == []


def test_four_groups_are_allowed_and_five_are_found_once() -> None:
    more = "4y: {instances: 4x-cpu16, max: 9}"
    (said,) = told("KT201", f"nodeGroups: {{workers: {{spot: {{sizes: {{{more}}}}}}}}}")
    assert said == (
        "workers: 5 Auto Scaling groups, on-demand-workers-4x, on-demand-workers-8x,"
        " spot-nodes-workers-4x, spot-nodes-workers-4y, spot-nodes-workers-8x"
    )
