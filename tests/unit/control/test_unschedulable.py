"""Pods without room in groups of alike ones, and their order within."""

from __future__ import annotations

from kingtide.control.unschedulable import AlikePods, UnschedulablePods
from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.kube.pods import Pod, PodSpec


def pod(uid: str, *, promised: str = "", created_ms: int = 0, note: str = "") -> Pod:
    notes = {"note": note} if note else {}
    return Pod("shop", uid, uid, PodSpec(()), {}, created_ms, notes, nominated_node_name=promised)


def waiting(*pods: Pod) -> AlikePods:
    """The one group of pods, put in one after the other."""
    found = UnschedulablePods(ShapeTable())
    for it in pods:
        found.put(it)
    (group,) = found.alike
    return group


def uids(pods: dict[int, Pod]) -> list[str]:
    return [it.uid for it in pods.values()]


def test_pods_stand_in_the_order_of_their_arrival() -> None:
    group = waiting(pod("a"), pod("b"), pod("c", promised="n"), pod("d", promised="n"))
    assert (uids(group.unpromised), uids(group.nominated)) == (["a", "b"], ["c", "d"])
    assert len(group) == 4


def test_a_pod_whose_promise_is_taken_back_stands_where_it_arrived() -> None:
    group = waiting(pod("a"), pod("b", promised="n"), pod("c"), pod("b"))
    assert uids(group.unpromised) == ["a", "b", "c"]
    assert uids(group.nominated) == []
    last = waiting(pod("a"), pod("b", promised="n"), pod("b"))
    assert uids(last.unpromised) == ["a", "b"]


def test_a_pod_that_changes_stays_where_it_is() -> None:
    group = waiting(pod("a"), pod("b"), pod("a", created_ms=7))
    assert [(it.uid, it.created_ms) for it in group.unpromised.values()] == [("a", 7), ("b", 0)]


def test_the_newest_of_a_group_is_remembered_when_it_is_gone() -> None:
    found = UnschedulablePods(ShapeTable())
    for it in (pod("a", created_ms=5), pod("b", created_ms=9), pod("c", created_ms=7)):
        found.put(it)
    found.remove("b")
    (group,) = found.alike
    assert group.newest_ms == 9


def test_a_group_ends_with_its_last_pod_and_other_annotations_are_another_group() -> None:
    found = UnschedulablePods(ShapeTable())
    for it in (pod("a"), pod("b", note="x"), pod("a", note="x")):
        found.put(it)
    (group,) = found.alike
    assert uids(group.unpromised) == ["a", "b"]
