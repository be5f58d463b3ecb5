"""Emptying a node pass by pass: who is evicted, who is asked again, when it is given up."""

from __future__ import annotations

import msgspec

from kingtide.control.action import EvictPod
from kingtide.control.emptying import (
    Emptying,
    EmptyingSettings,
    empty,
    evict_daemons,
)
from kingtide.control.outcome import Outcome
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec
from kingtide.kube.resources import NO_RESOURCES

NOW_MS = 1_800_000_000_000
NODE = Node("n1", "uid-n1", {}, NO_RESOURCES, NO_RESOURCES, 0, Condition("True", 0))
SETTINGS = EmptyingSettings(max_graceful_termination_seconds=60, max_pod_eviction_seconds=120)


def pod(name: str, *, priority: int = 0, grace_seconds: int = 30, kind: str = "ReplicaSet") -> Pod:
    spec = PodSpec(
        containers=(Container("main"),),
        priority=priority,
        termination_grace_period_seconds=grace_seconds,
    )
    owner = OwnerReference(kind, "web")
    return Pod("shop", name, name, spec, {}, 0, owner=owner, node_name="n1", phase="Running")


def going(it: Pod) -> Pod:
    return msgspec.structs.replace(it, deletion_ms=NOW_MS)


def names(found: Emptying) -> list[str]:
    return [it.name for it in found.evictions]


def test_all_pods_are_asked_to_leave_once() -> None:
    first = empty(NODE, [pod("a"), pod("b")], {}, NOW_MS, (), SETTINGS, NOW_MS)
    assert names(first) == ["a", "b"]
    assert first.is_everybody_asked
    second = empty(NODE, [pod("a"), pod("b")], first.asked_ms, NOW_MS, (), SETTINGS, NOW_MS + 1)
    assert names(second) == []


def test_a_refused_eviction_is_asked_for_again() -> None:
    first = empty(NODE, [pod("a"), pod("b")], {}, NOW_MS, (), SETTINGS, NOW_MS)
    refused = Outcome(first.evictions[0], "refused", NOW_MS, "429")
    granted = Outcome(first.evictions[1], "done", NOW_MS)
    second = empty(
        NODE, [pod("a"), pod("b")], first.asked_ms, NOW_MS, (refused, granted), SETTINGS, NOW_MS
    )
    assert names(second) == ["a"]


def test_only_pods_that_may_go_now_are_evicted() -> None:
    found = empty(NODE, [pod("a"), pod("b")], {}, NOW_MS, (), SETTINGS, NOW_MS, allowed=["b"])
    assert names(found) == ["b"]
    assert not found.is_everybody_asked


def test_pods_leave_in_tiers() -> None:
    tiers = msgspec.structs.replace(SETTINGS, priority_floors=(0, 100))
    low, high = pod("low"), pod("high", priority=100)
    assert names(empty(NODE, [high, low], {}, NOW_MS, (), tiers, NOW_MS)) == ["low"]
    assert names(empty(NODE, [high], {}, NOW_MS, (), tiers, NOW_MS)) == ["high"]


def test_grace_is_cut_to_the_longest_allowed_and_else_left_alone() -> None:
    found = empty(NODE, [pod("a"), pod("b", grace_seconds=600)], {}, NOW_MS, (), SETTINGS, NOW_MS)
    assert [it.grace_seconds for it in found.evictions] == [None, 60]


def test_refusals_are_not_retried_for_ever() -> None:
    at_the_bound = NOW_MS + 120_000
    assert empty(NODE, [pod("a")], {}, NOW_MS, (), SETTINGS, at_the_bound).failure is None
    late = empty(NODE, [pod("a")], {}, NOW_MS, (), SETTINGS, at_the_bound + 1)
    assert (late.failure, late.pod) == ("EvictionTimedOut", "shop/a")
    assert late.evictions == ()


def test_pods_that_do_not_end_are_not_waited_for_for_ever() -> None:
    staying = [going(pod("a"))]
    # The time for refusals, the pod's own grace, and half a minute in which it can end.
    last_ms = NOW_MS + 120_000 + 30_000 + 30_000
    assert empty(NODE, staying, {}, NOW_MS, (), SETTINGS, last_ms).failure is None
    late = empty(NODE, staying, {}, NOW_MS, (), SETTINGS, last_ms + 1)
    assert late.failure == "PodsDidNotLeave"


def test_daemons_are_evicted_by_default_or_by_their_own_word() -> None:
    daemon = pod("d", kind="DaemonSet")
    willing = msgspec.structs.replace(
        daemon, annotations={"cluster-autoscaler.kubernetes.io/enable-ds-eviction": "true"}
    )
    pods = {"a": pod("a"), "d": daemon}
    evicted = evict_daemons(NODE, pods, SETTINGS, by_default=True)
    assert [it.name for it in evicted] == ["d"]
    assert isinstance(evicted[0], EvictPod)
    assert evict_daemons(NODE, pods, SETTINGS, by_default=False) == ()
    assert len(evict_daemons(NODE, {"d": willing}, SETTINGS, by_default=False)) == 1
