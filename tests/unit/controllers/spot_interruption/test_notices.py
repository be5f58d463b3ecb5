"""From the message to the empty node: what is written, in which order, and what is remembered."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.action import Action, AddTaint, EvictPod, TerminateInstance
from kingtide.control.claims import (
    DISRUPTION_CLAIM,
    DisruptionClaim,
    capacity_claim,
    disruption_claim,
    write_claim,
)
from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
from kingtide.control.node_actions import ClaimCapacity, ClaimDisruption, Cordon, SetNodeLabel
from kingtide.control.outcome import OutcomeStatus
from kingtide.kube.taints import Taint
from tests.unit.controllers.spot_interruption.situation import START_MS, Situation, taint


def _interrupted(**settings: int) -> Situation:
    situation = Situation(**settings)
    situation.node("a")
    situation.node("b")
    situation.pods(4, on="a")
    situation.interrupt("a")
    return situation


def test_everything_stands_on_the_node_before_a_pod_leaves() -> None:
    situation = _interrupted(load_balancer_seconds=0)
    situation.follow(seconds=110)
    kinds = [type(it) for _, it in situation.actions]
    written = (AddTaint, ClaimDisruption, ClaimCapacity, SetNodeLabel, Cordon)
    assert kinds[:5] == list(written)
    assert kinds.index(EvictPod) > 4
    assert {it.node for it in situation.asked(AddTaint)} == {"a"}
    node = situation.cluster.nodes["a"]
    claim = disruption_claim(node.annotations)
    assert claim == DisruptionClaim(
        "spot_interruption", "Interrupted", START_MS, deadline_ms=START_MS + 120_000
    )
    room = capacity_claim(node.annotations)
    assert room is not None
    assert room.needed_by_ms == START_MS + 120_000


def test_each_write_is_made_once() -> None:
    situation = _interrupted()
    situation.follow(seconds=115)
    for kind in (AddTaint, ClaimDisruption, ClaimCapacity, SetNodeLabel, Cordon):
        assert len(situation.asked(kind)) == 1, kind
    assert len(situation.evicted) == len(set(situation.evicted)) == 4


def test_a_message_is_acknowledged_when_the_node_shows_its_notice_and_not_before() -> None:
    situation = _interrupted()
    situation.run()
    assert situation.asked(AcknowledgeMessage) == []
    situation.now_ms += 1000
    situation.run()
    assert [it.message_id for it in situation.asked(AcknowledgeMessage)] == ["itn-a"]


def test_a_message_is_kept_while_a_write_is_lost() -> None:
    situation = _interrupted()
    situation.run()
    situation.change_node("a", annotations={})
    situation.now_ms += 1000
    situation.run()
    assert situation.asked(AcknowledgeMessage) == []
    situation.follow(seconds=10)
    assert len(situation.asked(ClaimDisruption)) == 2
    assert situation.inbox == {}


def test_the_same_event_twice_and_a_message_that_comes_again_change_nothing() -> None:
    situation = _interrupted()
    situation.interrupt("a", "the same again")
    situation.follow(seconds=20)
    before = len(situation.actions)
    situation.interrupt("a", "itn-a", ago_ms=20_000)
    situation.follow(seconds=2)
    again = [it for _, it in situation.actions[before:] if not isinstance(it, EvictPod)]
    assert [type(it) for it in again] == [AcknowledgeMessage]
    assert situation.inbox == {}


def _story(situation: Situation) -> None:
    for name in "abcd":
        situation.node(name)
    situation.launch(situation.instance("c"))
    situation.pods(3, on="a", app="web", priority=5)
    situation.pods(2, on="b", app="web", priority=5)
    situation.pods(2, on="b", app="batch", priority=-5)
    situation.pods(2, on="c", app="api", grace_seconds=60)
    situation.budget("web", 4)
    situation.interrupt("a")
    situation.interrupt("b")
    situation.hold("c")
    situation.message("odd", '{"detail-type": "EC2 Instance Launch Successful"}')


def _outcome(situation: Situation) -> object:
    situation.follow(seconds=118 - (situation.now_ms - START_MS) // 1000)
    nodes = situation.cluster.nodes
    left = [pod.key for name in "abc" for pod in situation.cluster.pods_on(name).values()]
    claims = {name: disruption_claim(nodes[name].annotations) is not None for name in nodes}
    return left, claims, list(situation.inbox), situation.ready("web"), situation.ready("api")


def test_a_restart_at_any_step_loses_nothing_and_evicts_nobody_twice() -> None:
    untouched = Situation(lifecycle_max_seconds=200)
    _story(untouched)
    expected = _outcome(untouched)
    assert expected[0] == []  # type: ignore[index]  # the pods that are left
    for second in range(0, 118, 3):
        situation = Situation(lifecycle_max_seconds=200)
        _story(situation)
        situation.follow(seconds=second)
        situation.crash()
        assert _outcome(situation) == expected, f"a restart after {second} s"
        assert len(situation.evicted) == len(set(situation.evicted))


def test_a_world_that_restarts_every_second_still_empties_its_nodes() -> None:
    situation = Situation(lifecycle_max_seconds=200)
    _story(situation)
    for _ in range(118):
        situation.crash()
        situation.follow(seconds=1)
    left = [pod.key for name in "abc" for pod in situation.cluster.pods_on(name).values()]
    assert left == []
    assert situation.inbox == {}
    assert len(situation.evicted) == len(set(situation.evicted))


def test_a_later_notice_hurries_an_earlier_one() -> None:
    situation = _interrupted()
    situation.inbox.clear()
    situation.recommend("a")
    situation.follow(seconds=3)
    assert [it.value for it in situation.cluster.nodes["a"].taints] == ["rebalance"]
    situation.interrupt("a")
    situation.follow(seconds=3)
    node = situation.cluster.nodes["a"]
    assert [it.value for it in node.taints] == ["spot-interruption"]
    claim = disruption_claim(node.annotations)
    assert claim is not None
    assert (claim.reason, claim.deadline_ms) == ("Interrupted", START_MS + 123_000)


def test_a_node_that_another_controller_empties_is_taken_over() -> None:
    situation = Situation()
    held = DisruptionClaim("node_autoscaling", "Underutilized", START_MS)
    situation.node("a", annotations={DISRUPTION_CLAIM: write_claim(held)})
    situation.pods(1, on="a")
    situation.interrupt("a")
    situation.follow(seconds=20)
    (claim,) = situation.asked(ClaimDisruption)
    assert claim.displaces == "node_autoscaling"
    assert len(situation.evicted) == 1


def test_a_recommendation_displaces_nobody() -> None:
    situation = Situation(rebalance="drain")
    held = DisruptionClaim("node_autoscaling", "Underutilized", START_MS)
    situation.node("a", annotations={DISRUPTION_CLAIM: write_claim(held)})
    situation.pods(1, on="a")
    situation.recommend("a")
    situation.follow(seconds=60)
    assert {it.displaces for it in situation.asked(ClaimDisruption)} == {""}
    assert situation.evicted == []
    # Asked for each five seconds, and said once.
    assert len(situation.asked(ClaimDisruption)) > 2
    assert situation.codes("node/a").count("ClaimRefused") == 1


def test_what_the_old_handler_left_half_done_is_finished() -> None:
    situation = Situation()
    key = "aws-node-termination-handler/spot-itn"
    situation.node("a", taints=(Taint(key, "NoSchedule", "an-event", START_MS - 10_000),))
    situation.pods(1, on="a")
    situation.follow(seconds=20)
    claim = disruption_claim(situation.cluster.nodes["a"].annotations)
    assert claim is not None
    assert claim.deadline_ms == START_MS + 110_000
    assert len(situation.evicted) == 1


# ------------------------------------------------------------ messages that lead to nothing


def test_a_message_about_no_instance_of_ours_is_acknowledged_and_said() -> None:
    situation = Situation()
    situation.interrupt("stranger")
    situation.follow(seconds=3)
    assert situation.inbox == {}
    assert situation.codes("message/itn-stranger") == ["NotOurs"]


def test_a_message_about_an_instance_that_boots_waits_for_its_node() -> None:
    situation = Situation()
    situation.launch(situation.instance("late"), "Pending")
    situation.interrupt("late")
    situation.follow(seconds=60)
    assert list(situation.inbox) == ["itn-late"]
    situation.node("late")
    situation.pods(1, on="late")
    situation.follow(seconds=25)
    assert situation.inbox == {}
    assert len(situation.evicted) == 1


def test_it_does_not_wait_for_ever() -> None:
    situation = Situation(unknown_instance_seconds=100)
    situation.launch(situation.instance("never"), "Pending")
    situation.interrupt("never")
    situation.follow(seconds=99)
    assert situation.inbox
    situation.follow(seconds=15)
    assert situation.inbox == {}
    assert situation.codes("message/itn-never") == ["NotJoinedYet", "NeverJoined"]


def test_a_message_about_an_instance_that_is_gone_is_acknowledged() -> None:
    situation = Situation()
    situation.launch(situation.instance("old"), "Terminated")
    situation.interrupt("old")
    situation.follow(seconds=3)
    assert situation.codes("message/itn-old") == ["InstanceGone"]
    assert situation.inbox == {}


def test_a_spoilt_message_is_left_to_a_dead_letter_queue_and_then_deleted() -> None:
    situation = Situation(malformed_seconds=60)
    situation.message("spoilt", "{oops")
    situation.follow(seconds=59)
    assert situation.inbox
    situation.follow(seconds=15)
    assert situation.inbox == {}
    assert situation.codes("message/spoilt") == ["MessageMalformed", "MessageDropped"]


def test_a_storm_of_spoilt_messages_costs_a_look_each_ten_seconds() -> None:
    situation = Situation()
    for number in range(50):
        situation.message(f"m-{number}", "{")
    situation.follow(seconds=100)
    assert situation.passes == 11
    assert situation.actions == []


# ------------------------------------------------------------ other kinds of notice


def test_nothing_happens_while_nothing_is_said() -> None:
    situation = Situation()
    situation.node("a")
    situation.pods(1, on="a")
    situation.follow(seconds=600)
    assert situation.actions == []
    assert situation.passes == 1


def test_a_machine_that_stops_has_its_pods_made_again_at_once() -> None:
    situation = Situation()
    situation.node("a")
    situation.pods(5, on="a")
    situation.change_state("a", "shutting-down")
    situation.follow(seconds=2)
    assert len(situation.evicted) == 5
    assert {it.grace_seconds for it in situation.asked(EvictPod)} == {1}


def test_a_hook_is_answered_when_the_node_is_empty_and_told_of_progress_before() -> None:
    situation = Situation(lifecycle_heartbeat_seconds=20)
    situation.node("a")
    situation.launch(situation.instance("a"))
    situation.pods(2, on="a")
    situation.hold("a")
    situation.follow(seconds=120)
    assert len(situation.evicted) == 2
    assert len(situation.asked(RecordLifecycleHeartbeat)) == 3
    (answer,) = situation.asked(CompleteLifecycleAction)
    assert (answer.group, answer.hook, answer.token, answer.result) == (
        "spot",
        "drain",
        "token-a",
        "CONTINUE",
    )
    kinds = [type(it) for _, it in situation.actions]
    assert kinds.index(CompleteLifecycleAction) < kinds.index(AcknowledgeMessage)
    assert situation.codes("group/spot") == ["LifecycleContinued"]


def test_a_hook_does_not_wait_beyond_its_bound() -> None:
    situation = Situation(lifecycle_max_seconds=100, below_budget_seconds=0)
    situation.node("a")
    situation.launch(situation.instance("a"))
    situation.pods(1, on="a")
    situation.budget("web", 1)
    situation.hold("a")
    situation.follow(seconds=99)
    assert situation.asked(CompleteLifecycleAction) == []
    situation.follow(seconds=5)
    assert situation.codes("group/spot") == ["LifecycleTimedOut"]
    assert situation.inbox == {}


def test_a_hook_of_an_instance_that_never_joined_is_answered_at_once() -> None:
    situation = Situation()
    situation.launch(situation.instance("never"), "Terminating")
    situation.hold("never")
    situation.follow(seconds=2)
    assert len(situation.asked(CompleteLifecycleAction)) == 1
    assert situation.inbox == {}


@pytest.mark.parametrize(
    ("answer", "calls"),
    [
        pytest.param(("failed", "503"), 2, id="a fault of the API is tried again"),
        pytest.param(("refused", "429"), 2, id="too many calls are tried again"),
        pytest.param(("failed", "ValidationError"), 1, id="a wait that is over needs no answer"),
    ],
)
def test_a_hook_is_asked_again_until_it_has_the_answer(
    answer: tuple[OutcomeStatus, str], calls: int
) -> None:
    situation = Situation()
    situation.node("a")
    situation.launch(situation.instance("a"))
    situation.cloud_answers = [answer]
    situation.hold("a")
    situation.follow(seconds=5)
    assert bool(situation.inbox) == (calls == 2)
    situation.follow(seconds=20)
    assert len(situation.asked(CompleteLifecycleAction)) == calls
    assert situation.inbox == {}


def test_a_scheduled_change_rests_until_its_lead_and_is_then_done_without_hurry() -> None:
    situation = Situation(scheduled_change_lead_seconds=600)
    situation.node("a")
    situation.launch(situation.instance("a"))
    situation.pods(1, on="a")
    situation.schedule("a", in_seconds=3600)
    situation.follow(seconds=5)
    assert situation.inbox == {}
    node = situation.cluster.nodes["a"]
    assert (node.taints, node.unschedulable) == ((), False)
    claim = disruption_claim(node.annotations)
    assert claim is not None
    assert claim.not_before_ms == START_MS + 3_000_000
    passes = situation.passes
    situation.follow(seconds=2990)
    assert situation.passes == passes
    situation.crash()
    situation.follow(seconds=60)
    assert len(situation.evicted) == 1
    assert [it.instance_id for it in situation.asked(TerminateInstance)][:1] == [
        situation.instance("a")
    ]


def test_a_node_that_outlives_its_notice_is_given_back() -> None:
    situation = _interrupted(give_back_seconds=60)
    before = situation.cluster.nodes["a"]
    situation.follow(seconds=200)
    after = situation.cluster.nodes["a"]
    assert msgspec.structs.replace(after, annotations=before.annotations) == before
    assert after.annotations == {}
    assert situation.codes("node/a")[-1] == "GivenBack"
    assert situation.wake_at_ms is None


# ------------------------------------------------------------ recommendations


def _recommended(**settings: str | int) -> Situation:
    situation = Situation(**settings)
    situation.node("a")
    situation.launch(situation.instance("a"))
    situation.pods(3, on="a")
    situation.recommend("a")
    return situation


def test_a_recommendation_may_be_ignored() -> None:
    situation = _recommended(rebalance="ignore")
    situation.follow(seconds=60)
    assert situation.inbox == {}
    assert [type(it) for _, it in situation.actions] == [AcknowledgeMessage]


def test_a_recommendation_may_only_keep_pods_off() -> None:
    situation = _recommended(rebalance="cordon")
    situation.follow(seconds=300)
    assert situation.inbox == {}
    kinds: set[type[Action]] = {type(it) for _, it in situation.actions}
    assert kinds == {AddTaint, Cordon, AcknowledgeMessage}


def test_a_recommended_node_is_emptied_only_when_its_pods_have_room() -> None:
    situation = _recommended()
    situation.follow(seconds=120)
    assert situation.evicted == []
    assert capacity_claim(situation.cluster.nodes["a"].annotations) is not None
    assert situation.asked(ClaimDisruption) == []
    situation.node("new")
    situation.follow(seconds=300)
    assert len(situation.evicted) == 3
    (claim,) = situation.asked(ClaimDisruption)
    assert claim.claim.reason == "Degraded"
    assert situation.asked(TerminateInstance)


def test_a_recommendation_never_takes_a_protected_pod() -> None:
    situation = _recommended()
    said = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}
    situation.pods(1, on="a", app="keeps", annotations=said)
    situation.node("new")
    situation.follow(seconds=300)
    assert situation.evicted == []
    assert situation.codes("node/a")[-1] == "KeptByProtectedPod"


def test_a_node_that_is_not_ready_or_noticed_itself_is_no_room() -> None:
    situation = _recommended()
    situation.node("also", taints=(taint("rebalance"),))
    situation.follow(seconds=120)
    assert situation.evicted == []


@pytest.mark.parametrize("state", ["stopping", "terminated"])
def test_a_message_after_the_end_is_only_acknowledged(state: str) -> None:
    situation = _interrupted()
    situation.follow(seconds=100)
    situation.remove_node("a")
    evicted = len(situation.evicted)
    instance = situation.instance("a")
    situation.launch(instance, "Terminated")
    situation.change_state("a", state)
    situation.follow(seconds=5)
    assert situation.inbox == {}
    assert len(situation.evicted) == evicted
