"""An action becomes the same, and is seen the same, in the twin and in every cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from kingtide.control.action import Action
from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.control.node_actions import ClaimDisruption, ReleaseDisruption
from kingtide.control.outcome import Outcome
from tests.contract.kubernetes_cast import NODES, WORKERS, Cast, beside, requested_of, seen
from tests.contract.kubernetes_scenarios import SCENARIOS, on_node
from tests.contract.kubernetes_sides import InProcess, OverHttp


def told(outcomes: Sequence[Outcome]) -> list[str]:
    return [f"{it.status} {it.code}".strip() for it in outcomes]


def test_what_stands_there_is_seen_the_same(in_process: InProcess, over_http: OverHttp) -> None:
    with in_process.cast() as inside, over_http.cast() as outside:
        expected = seen(in_process.index(), inside)
        index = over_http.index(lambda it: seen(it, outside) == expected)
        assert seen(index, outside) == expected
        (first, *others) = expected["nodes"].values()
        assert len(others) == NODES - 1
        assert requested_of(WORKERS + 1) in first


@pytest.mark.parametrize(("actions_on", "expected"), SCENARIOS.values(), ids=SCENARIOS)
def test_actions_become_the_same(
    actions_on: Callable[[Cast], Sequence[Action]],
    expected: tuple[str, ...],
    in_process: InProcess,
    over_http: OverHttp,
) -> None:
    with in_process.cast() as inside, over_http.cast() as outside:
        before = seen(in_process.index(), inside)
        index = over_http.index(lambda it: seen(it, outside) == before)
        others = beside(index, outside)
        assert told(in_process.perform(actions_on(inside))) == [*expected]
        after = seen(in_process.index(), inside)
        assert (after != before) == ("done" in expected)
        assert told(over_http.perform(actions_on(outside))) == [*expected]
        index = over_http.index(lambda it: seen(it, outside) == after)
        assert seen(index, outside) == after
        assert beside(index, outside) == others or not over_http.is_quiet


def test_of_many_who_claim_a_node_at_once_one_gets_it(over_http: OverHttp) -> None:
    with over_http.cast() as cast:
        on = on_node(cast, 2)
        claims = [DisruptionClaim(f"claimant-{number}", "Expired", 1) for number in range(8)]
        became = over_http.perform_at_once([ClaimDisruption(claim=it, **on) for it in claims])
        assert sorted(told(became)) == ["done", *("precondition_failed Claimed",) * 7]
        winner = next(it.action for it in became if it.status == "done")
        assert isinstance(winner, ClaimDisruption)
        wanted = write_claim(winner.claim)
        index = over_http.index(
            lambda it: it.nodes[on["node"]].annotations.get(DISRUPTION_CLAIM) == wanted
        )
        assert index.nodes[on["node"]].annotations[DISRUPTION_CLAIM] == wanted
        released = [ReleaseDisruption(by=winner.claim.by, **on)]
        assert told(over_http.perform(released)) == ["done"]
