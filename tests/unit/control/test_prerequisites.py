from __future__ import annotations

from collections.abc import Sequence

import pytest

from kingtide.control.action import Action, SetDesiredCapacity, TerminateInstance
from kingtide.control.index import ClusterIndex
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.control.prerequisites import Prerequisites
from tests.unit.control.test_arbitration import RECLAIM, claim, cordon, evict, node
from tests.unit.control.test_arbitration import cluster as cluster_of

NOW_MS = 1_700_000_000_000


def asks(group: str, by: int) -> SetDesiredCapacity:
    return SetDesiredCapacity(reason="r", group=group, desired=10 + by, expected_desired=10)


def ends(instance_id: str, node: str = "") -> TerminateInstance:
    return TerminateInstance(reason="r", group="g", instance_id=instance_id, node=node)


def left(
    first: Action, then: Sequence[Action], status: OutcomeStatus, index: ClusterIndex
) -> list[str]:
    """What becomes of actions after a first one that came out so."""
    prerequisites = Prerequisites(index)
    assert prerequisites.missing(first) == ""
    prerequisites.note(Outcome(first, status, NOW_MS))
    return [prerequisites.missing(it) for it in then]


NOT_DONE: list[OutcomeStatus] = ["refused", "failed", "precondition_failed"]


@pytest.mark.parametrize("status", NOT_DONE)
def test_nothing_is_done_to_a_node_whose_claim_was_not_written(status: OutcomeStatus) -> None:
    index = cluster_of(node("a"), node("b"))
    then = [cordon("a"), evict("a"), cordon("b"), asks("g", 1)]
    assert left(claim("a", RECLAIM), then, status, index) == ["Unclaimed", "Unclaimed", "", ""]
    assert left(claim("a", RECLAIM), then, "done", index) == [""] * 4


@pytest.mark.parametrize("status", NOT_DONE)
@pytest.mark.parametrize(
    "first",
    [
        pytest.param(asks("failed", -2), id="a group that is put back"),
        pytest.param(ends("i-1"), id="an instance that never became a node"),
    ],
)
def test_no_nodes_are_asked_for_instead_of_some_that_were_not_given_up(
    first: Action, status: OutcomeStatus
) -> None:
    then = [asks("other", 3), asks("third", -1), cordon("a")]
    index = cluster_of(node("a"))
    assert left(first, then, status, index) == ["NotGivenUp", "", ""]
    assert left(first, then, "done", index) == [""] * 3


def test_a_node_that_stays_keeps_nobody_from_asking_for_nodes() -> None:
    stays = ends("i-1", node="a")
    assert left(stays, [asks("other", 1)], "failed", cluster_of(node("a"))) == [""]


def test_a_request_that_is_refused_keeps_nobody_from_asking_another_group() -> None:
    assert left(asks("g", 2), [asks("other", 1)], "refused", cluster_of()) == [""]


def test_a_request_for_as_many_as_there_are_gives_nothing_up_and_takes_nothing_more() -> None:
    index = cluster_of()
    assert left(asks("g", 0), [asks("h", 1)], "failed", index) == [""]
    assert left(asks("g", -1), [asks("h", 0), asks("h", 1)], "failed", index) == ["", "NotGivenUp"]
