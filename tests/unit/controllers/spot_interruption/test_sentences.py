"""Every code is told as a sentence, with the details that it really gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.controllers.spot_interruption.decide import CONTROLLER
from tests.unit.controllers.spot_interruption.situation import START_MS, Situation

PROTECTED = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}


def _noticed(**settings: int) -> Situation:
    situation = Situation(**settings)
    situation.node("a")
    situation.launch(situation.instance("a"))
    return situation


def interrupted() -> Situation:
    situation = _noticed(give_back_seconds=60)
    situation.pods(2, on="a")
    situation.interrupt("a")
    situation.follow(seconds=200)
    return situation


def gone() -> Situation:
    situation = _noticed()
    situation.interrupt("a")
    situation.follow(seconds=5)
    situation.remove_node("a")
    situation.follow(seconds=2)
    return situation


def planned() -> Situation:
    situation = _noticed()
    situation.schedule("a", in_seconds=7200)
    situation.follow(seconds=1)
    return situation


def only_cordoned() -> Situation:
    situation = Situation(rebalance="cordon")
    situation.node("a")
    situation.recommend("a")
    situation.follow(seconds=1)
    return situation


def recommended() -> Situation:
    situation = _noticed()
    situation.pods(1, on="a")
    situation.recommend("a")
    situation.follow(seconds=12)
    situation.node("b")
    situation.follow(seconds=60)
    return situation


def protected() -> Situation:
    situation = _noticed()
    situation.pods(1, on="a", annotations=PROTECTED)
    situation.recommend("a")
    situation.follow(seconds=12)
    return situation


def refused() -> Situation:
    held = DisruptionClaim("ondemand_reclaim", "Expired", START_MS)
    situation = Situation(rebalance="drain")
    situation.node("a", annotations={DISRUPTION_CLAIM: write_claim(held)})
    situation.recommend("a")
    situation.follow(seconds=12)
    return situation


def room() -> Situation:
    situation = _noticed()
    situation.pods(1, on="a")
    situation.waiting()
    situation.interrupt("a")
    situation.follow(seconds=30)
    return situation


def budget() -> Situation:
    situation = _noticed(surge=False)
    situation.pods(1, on="a")
    situation.budget("web", 1)
    situation.interrupt("a")
    situation.follow(seconds=100)
    return situation


def short() -> Situation:
    situation = _noticed(evictions_per_second=1)
    situation.pods(100, on="a")
    situation.interrupt("a", ago_ms=90_000)
    situation.follow(seconds=5)
    return situation


def surged() -> Situation:
    situation = _noticed()
    situation.pods(1, on="a")
    situation.deployment("web", 1)
    situation.budget("web", 1)
    situation.interrupt("a")
    situation.follow(seconds=80)
    return situation


def continued() -> Situation:
    situation = _noticed()
    situation.hold("a")
    situation.follow(seconds=3)
    return situation


def timed_out() -> Situation:
    situation = Situation(lifecycle_max_seconds=60, below_budget_seconds=0, surge=False)
    situation.node("a")
    situation.launch(situation.instance("a"))
    situation.pods(1, on="a")
    situation.budget("web", 1)
    situation.hold("a")
    situation.follow(seconds=62)
    return situation


def spoilt() -> Situation:
    situation = Situation(malformed_seconds=30)
    situation.message("m", "{")
    situation.follow(seconds=40)
    return situation


def ended_by_us() -> Situation:
    situation = Situation()
    held = DisruptionClaim("node_autoscaling", "Empty", START_MS)
    situation.node("a", annotations={DISRUPTION_CLAIM: write_claim(held)})
    situation.change_state("a", "shutting-down")
    situation.follow(seconds=2)
    return situation


def strange() -> Situation:
    situation = Situation(unknown_instance_seconds=30, rebalance="ignore")
    situation.node("a")
    situation.message("m", '{"detail-type": "EC2 Instance Launch Successful"}')
    situation.interrupt("stranger")
    situation.recommend("a")
    situation.launch(situation.instance("old"), "Terminated")
    situation.interrupt("old")
    situation.launch(situation.instance("late"), "Pending")
    situation.interrupt("late")
    situation.follow(seconds=45)
    return situation


SITUATIONS: Mapping[str, Callable[[], Situation]] = {
    "NoticeTaken": interrupted,
    "NoticePlanned": planned,
    "KeptFromPods": only_cordoned,
    "WaitsForReplacement": recommended,
    "KeptByProtectedPod": protected,
    "ClaimRefused": refused,
    "BeingEmptied": interrupted,
    "WaitsForRoom": room,
    "WaitsForBudgets": budget,
    "TimeTooShort": short,
    "Emptied": interrupted,
    "Terminated": recommended,
    "GivenBack": interrupted,
    "NodeGone": gone,
    "DeletedBelowBudget": budget,
    "Surged": surged,
    "SurgeEnded": surged,
    "LifecycleContinued": continued,
    "LifecycleTimedOut": timed_out,
    "MessageMalformed": spoilt,
    "MessageDropped": spoilt,
    "NotActionable": strange,
    "NotOurs": strange,
    "InstanceGone": strange,
    "EndKnown": ended_by_us,
    "RebalanceIgnored": strange,
    "NotJoinedYet": strange,
    "NeverJoined": strange,
}


def test_every_code_has_a_situation() -> None:
    assert set(SITUATIONS) == set(CONTROLLER.phrases.sentences)


@pytest.mark.parametrize("code", SITUATIONS)
def test_a_code_is_told_by_its_sentence_with_the_details_it_really_gets(code: str) -> None:
    found = [it for it in SITUATIONS[code]().verdicts if it.code == code]
    assert found, "the situation leads to it"
    for verdict in found:
        told = CONTROLLER.phrases.tell(verdict)
        assert "{" not in told
        assert "  " not in told
        assert "()" not in told


SENTENCES = {
    "NoticeTaken": (
        "a is taken by the cloud (spot-interruption), 120 s are left: new pods are kept off, and "
        "room for its pods is claimed"
    ),
    "WaitsForRoom": (
        "a keeps 1 pod for now: others of their priority wait for a node already; 110 s are left"
    ),
    "DeletedBelowBudget": (
        "shop/web-1 is deleted although its disruption budget refuses: a ends in 30 s"
    ),
    "NoticePlanned": "a will be stopped, rebooted or retired: it is emptied in 3600 s",
    "Surged": (
        "shop/web gets one replica more, 2 in all, before its pod is evicted: it cannot lose one"
    ),
    "MessageMalformed": (
        "message m is left in the queue: it cannot be read (Input data was truncated)"
    ),
}


@pytest.mark.parametrize("code", SENTENCES)
def test_what_an_engineer_on_call_reads(code: str) -> None:
    verdicts = SITUATIONS[code]().verdicts
    told = CONTROLLER.phrases.tell(next(it for it in verdicts if it.code == code))
    assert told == SENTENCES[code]
