"""Pods that will move, counted before they wait: whose come first, and which count."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.control.claims import CapacityClaim, DisruptionClaim
from kingtide.control.room import Room
from kingtide.controllers.node_autoscaling.claimed_demand import claimed_demands, close_claimed
from kingtide.controllers.node_autoscaling.claims_seen import NodeClaims
from kingtide.kube.pods import OwnerReference
from tests.unit.controllers.node_autoscaling.situation import START_MS, Situation


def claim(since_ms: int = 0, needed_by_ms: int | None = None, **changes: Any) -> NodeClaims:
    return NodeClaims(None, CapacityClaim("x", since_ms, needed_by_ms, **changes))


def order(claims: dict[str, NodeClaims]) -> list[int]:
    """The demands of claimed nodes, each with a pod of its own size, in their order."""
    situation = Situation()
    for number, name in enumerate(claims):
        situation.node(name, None)
        situation.pods(1, on=name, cpu=100 + number, app=name)
    found = claimed_demands(claims, situation.cluster, situation.policy, START_MS)
    return [it.shape.cpu_millicores - 100 for it in found]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param([claim(5), claim(1, 9), claim(3, 7)], [2, 1, 0], id="by when it is needed"),
        pytest.param([claim(5, 7), claim(3, 7)], [1, 0], id="then by how long it is asked for"),
        pytest.param([claim(9), claim(3)], [1, 0], id="the same of those without a time"),
        pytest.param([claim(3, 0), claim(1)], [0, 1], id="a time long ago is a time"),
        pytest.param([claim(3), claim(1, 0)], [1, 0], id="whoever was seen first"),
        pytest.param([claim(1), claim(1)], [0, 1], id="else by name"),
    ],
)
def test_who_needs_room_soonest_comes_first(claims: list[NodeClaims], expected: list[int]) -> None:
    assert order({f"n{number}": it for number, it in enumerate(claims)}) == expected


def test_of_two_nodes_alike_in_all_but_name_the_first_by_name_comes_first() -> None:
    assert order({"b": claim(1), "a": claim(1)}) == [1, 0]


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        pytest.param({}, True, id="a pod that will be made again"),
        pytest.param({"owner": None}, False, id="nobody makes it again"),
        pytest.param({"deletion_ms": START_MS}, False, id="it is going: its successor waits"),
        pytest.param({"owner": OwnerReference("DaemonSet", "d")}, False, id="it is the node's"),
    ],
)
def test_pods_that_are_made_again_elsewhere_count(changes: dict[str, Any], counts: bool) -> None:
    situation = Situation()
    situation.node("n", None)
    (pod,) = situation.pods(1, on="n")
    situation.change_pod(pod.uid, **changes)
    found = claimed_demands({"n": claim()}, situation.cluster, situation.policy, START_MS)
    assert sum(it.count for it in found) == int(counts)


@pytest.mark.parametrize(
    ("priority", "counts"),
    [pytest.param(-10, True, id="worth a node"), pytest.param(-11, False, id="expendable")],
)
def test_expendable_pods_cause_no_node(priority: int, counts: bool) -> None:
    situation = Situation(expendable_pods_priority_cutoff=-10)
    situation.node("n", None)
    situation.pods(1, on="n", priority=priority)
    found = claimed_demands({"n": claim()}, situation.cluster, situation.policy, START_MS)
    assert sum(it.count for it in found) == int(counts)


def test_pods_of_one_shape_for_spot_and_for_any_node_are_two_demands() -> None:
    situation = Situation()
    for name in ("a", "b", "c"):
        situation.node(name, None)
        situation.pods(2, on=name)
    claims = {"a": claim(), "b": claim(lifecycle="spot"), "c": claim(lifecycle="spot")}
    found = claimed_demands(claims, situation.cluster, situation.policy, START_MS)
    assert [(it.lifecycle, it.count) for it in found] == [("any", 2), ("spot", 4)]


@pytest.mark.parametrize(
    ("claims", "fits"),
    [
        pytest.param({}, True, id="nobody claims it"),
        pytest.param({"n": claim()}, False, id="its pods need room elsewhere"),
        pytest.param(
            {"n": NodeClaims(DisruptionClaim("x", "Expired", 1), None)}, False, id="it is emptied"
        ),
        pytest.param(
            {"n": NodeClaims(DisruptionClaim("x", "Expired", 1, not_before_ms=9), None)},
            True,
            id="its emptying rests",
        ),
        pytest.param({"gone": claim()}, True, id="another is claimed that is gone"),
    ],
)
def test_nothing_is_placed_on_a_claimed_node(claims: dict[str, NodeClaims], fits: bool) -> None:
    situation = Situation()
    situation.node("n", None)
    (pod,) = situation.pods(1)
    shape = situation.cluster.shapes.intern(pod)
    room = Room(situation.cluster, [shape], ())
    close_claimed(claims, situation.cluster, room, situation.policy, START_MS)
    assert bool(room.place(shape, 1)) == fits
