from __future__ import annotations

from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.control.ledger import (
    Granted,
    still_unseen,
    with_outcomes,
)
from kingtide.control.node_actions import ClaimDisruption, ReleaseDisruption
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition
from kingtide.kube.resources import NO_RESOURCES

GRANTED = Granted("a", "uid/n", 1_000)
CLAIM = DisruptionClaim("a", "Expired", 1_000)


def node(by: str = "", uid: str = "uid/n") -> Node:
    annotations = {DISRUPTION_CLAIM: write_claim(DisruptionClaim(by, "Empty", 5))} if by else {}
    return Node(
        "n", uid, {}, NO_RESOURCES, NO_RESOURCES, 0, Condition("True", 0), annotations=annotations
    )


def claimed(status: OutcomeStatus) -> Outcome:
    action = ClaimDisruption(reason="r", node="n", node_uid="uid/n", claim=CLAIM)
    return Outcome(action, status, 1_000)


def released(status: OutcomeStatus) -> Outcome:
    return Outcome(ReleaseDisruption(reason="r", node="n", node_uid="uid/n", by="a"), status, 2_000)


def test_a_claim_that_was_written_is_remembered_and_one_that_was_not_is_not() -> None:
    assert with_outcomes({}, [claimed("done")]) == {"n": GRANTED}
    assert with_outcomes({}, [claimed("precondition_failed"), claimed("refused")]) == {}


def test_a_claim_that_failed_may_have_been_written_and_counts_for_a_while() -> None:
    uncertain = Granted("a", "uid/n", 1_000, is_certain=False)
    ledger = with_outcomes({}, [claimed("failed")])
    assert ledger == {"n": uncertain}
    assert still_unseen(ledger, {"n": node()}, 1_000 + 59_999) == ledger
    assert still_unseen(ledger, {"n": node()}, 1_000 + 60_000) == {}


def test_a_claim_that_is_given_back_is_forgotten() -> None:
    assert with_outcomes({"n": GRANTED}, [released("failed")]) == {"n": GRANTED}
    assert with_outcomes({"n": GRANTED}, [released("done")]) == {}


def test_a_claim_is_remembered_until_it_is_seen_on_its_node() -> None:
    ledger = {"n": GRANTED}
    assert still_unseen(ledger, {"n": node()}, 2_000) == ledger
    assert still_unseen(ledger, {"n": node("b")}, 2_000) == ledger
    assert still_unseen(ledger, {"n": node("a")}, 2_000) == {}


def test_a_claim_that_was_at_rest_before_is_not_seen_until_it_no_longer_is() -> None:
    resting = DisruptionClaim("a", "Expired", 500, not_before_ms=900)
    there = Node(
        "n", "uid/n", {}, NO_RESOURCES, NO_RESOURCES, 0, Condition("True", 0),
        annotations={DISRUPTION_CLAIM: write_claim(resting)},
    )  # fmt: skip
    assert still_unseen({"n": GRANTED}, {"n": there}, 2_000) == {"n": GRANTED}
    going_to_rest = ClaimDisruption(reason="r", node="n", node_uid="uid/n", claim=resting)
    assert with_outcomes({}, [Outcome(going_to_rest, "done", 1_000)]) == {}


def test_no_claim_is_remembered_for_ever() -> None:
    ledger = {"n": GRANTED}
    assert still_unseen(ledger, {"n": node()}, 1_000 + 299_999) == ledger
    assert still_unseen(ledger, {"n": node()}, 1_000 + 300_000) == {}


def test_a_claim_on_a_node_that_is_gone_or_another_of_its_name_is_forgotten() -> None:
    assert still_unseen({"n": GRANTED}, {}, 2_000) == {}
    assert still_unseen({"n": GRANTED}, {"n": node(uid="other")}, 2_000) == {}
