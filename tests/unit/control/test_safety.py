from __future__ import annotations

import msgspec
import pytest

from kingtide.control.claims import DisruptionClaim
from kingtide.control.index import ClusterIndex
from kingtide.control.node_actions import ClaimDisruption, Cordon, Uncordon
from kingtide.control.report import Phrases
from kingtide.control.safety import SENTENCES, Guard, identity_verdict, view_verdict
from kingtide.fleet.policies.safety import SafetyPolicy
from kingtide.kube.pods import Condition
from tests.twin.worlds import fixed_node

POLICY = SafetyPolicy(max_staleness_seconds=60, max_disturbed_percent=10)


def cluster(nodes: int, unready: int = 0) -> ClusterIndex:
    index = ClusterIndex()
    for number in range(nodes):
        ready = Condition("False" if number < unready else "True", 0)
        index.apply(None, msgspec.structs.replace(fixed_node(f"n{number}"), ready=ready))
    return index


def claim(node: str) -> ClaimDisruption:
    held = DisruptionClaim("node_autoscaling", "Empty", 0)
    return ClaimDisruption(reason="empty", node=node, node_uid=node, claim=held)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(0.0, None), (60.0, None), (60.1, "StaleView"), (float("inf"), "PartialView")],
)
def test_a_view_is_acted_on_while_it_is_whole_and_young(seconds: float, code: str | None) -> None:
    found = view_verdict({"nodes": 0.0, "pods": seconds}, POLICY)
    assert (found and found.code) == code
    if found is not None:
        assert "pods" in Phrases(SENTENCES).tell(found)


@pytest.mark.parametrize("unheard", [float("inf"), 300.0])
def test_of_several_old_watches_the_oldest_is_named_and_the_subject_is_the_view(
    unheard: float,
) -> None:
    ages = {"ConfigMap": 61.0, "Node": unheard, "Pod": 200.0}
    found = view_verdict(ages, POLICY)
    assert found is not None
    assert (found.subject, found.details["watched"]) == ("cluster/view", "Node")
    assert view_verdict({}, POLICY) is None


@pytest.mark.parametrize(("found", "is_it"), [("a.b", True), ("a.c", False), (None, False)])
def test_a_cluster_has_to_say_that_it_is_the_one_meant(found: str | None, is_it: bool) -> None:
    assert (identity_verdict("a.b", found) is None) == is_it


def test_a_pass_begins_to_empty_a_share_of_the_nodes_rounded_up() -> None:
    guard = Guard(cluster(11), POLICY)
    refused = [guard.refuses("node_autoscaling", claim(f"n{n}")) for n in range(4)]
    assert [it and it.code for it in refused] == [None, None, "TooManyNodes", "TooManyNodes"]


def test_what_was_begun_may_be_asked_again_and_go_on() -> None:
    guard = Guard(cluster(10), POLICY)
    for _ in range(2):
        assert guard.refuses("node_autoscaling", claim("n0")) is None
    assert guard.refuses("node_autoscaling", Cordon(reason="", node="n5", node_uid="n5")) is None


def test_of_an_ill_cluster_the_nodes_are_left_alone_but_let_free() -> None:
    guard = Guard(cluster(8, unready=4), POLICY)
    found = guard.refuses("ondemand_reclaim", Cordon(reason="", node="n7", node_uid="n7"))
    assert found is not None
    assert Phrases(SENTENCES).tell(found) == "nodes are left alone: 4 of 8 nodes are not Ready"
    free = Uncordon(reason="", node="n7", node_uid="n7")
    assert guard.refuses("ondemand_reclaim", free) is None


def test_few_unready_nodes_hold_nothing_back() -> None:
    assert Guard(cluster(4, unready=3), POLICY).refuses("x", claim("n3")) is None


def test_what_the_cloud_takes_is_never_held_back() -> None:
    guard = Guard(cluster(10, unready=9), POLICY)
    assert all(guard.refuses("spot_interruption", claim(f"n{n}")) is None for n in range(10))
