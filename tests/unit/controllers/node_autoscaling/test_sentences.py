"""Every code is told as a sentence, with the details that it really gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kingtide.control.action import AddTaint
from kingtide.control.budget import Budget
from kingtide.control.claims import DisruptionClaim
from kingtide.control.node_actions import ClaimDisruption
from kingtide.control.report import Verdict
from kingtide.controllers.node_autoscaling.decide import CONTROLLER
from kingtide.fleet.policies.node_autoscaling import ScaleDownPolicy
from kingtide.kube.pods import Condition, Pod
from kingtide.kube.taints import Taint
from kingtide.twin.cloud.wording import SPOT_CAPACITY_FAILURE
from tests.unit.controllers.node_autoscaling.situation import Situation, of_kind

PREFIX = "cluster-autoscaler.kubernetes.io/"
TIERS = '20: ["^spot"]\n10: ["^on-demand"]\n'


def _situation(**down: int | bool) -> Situation:
    settings = {"unneeded_seconds": 60, "delay_after_add_seconds": 0, **down}
    return Situation(scale_down=ScaleDownPolicy(**settings))  # type: ignore[arg-type]  # by name


def _to_go(**down: int | bool) -> Situation:
    """Two nodes of `spot`; the first is little used, the second is not."""
    situation = _situation(**down)
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-1", app="keeps")
    return situation


def _asked(**settings: object) -> Situation:
    situation = Situation(**settings)
    situation.group("spot")
    situation.group("on-demand", on_demand=True)
    situation.priorities(TIERS)
    situation.pods(3)
    situation.run()
    situation.set_desired("spot", 1)
    situation.now_ms += 5_000
    return situation


def _failed(message: str = SPOT_CAPACITY_FAILURE) -> Situation:
    situation = _asked()
    situation.fail_launch("spot", message)
    situation.run(seconds=5)
    return situation


def scaled_up() -> Situation:
    situation = Situation()
    situation.group("spot-a")
    situation.group("spot-b")
    situation.priorities(TIERS)
    situation.pods(3)
    return situation


def cluster_unhealthy() -> Situation:
    situation = _situation()
    situation.group("spot", nodes=5)
    situation.now_ms += 3_600_000
    for number in range(4):
        situation.change_node(f"spot-{number}", ready=Condition("Unknown", situation.now_ms))
    return situation


def cluster_healthy() -> Situation:
    situation = cluster_unhealthy()
    situation.run()
    for number in range(4):
        situation.change_node(f"spot-{number}", ready=Condition("True", situation.now_ms))
    return situation


def group_unhealthy() -> Situation:
    situation = Situation()
    situation.group("spot")
    situation.group("other", nodes=12)
    for number in range(4):
        situation.node(f"b{number}", "spot", ready=False)
    situation.now_ms += 1_000_000
    situation.pods(90)
    return situation


def overdue() -> Situation:
    situation = _asked()
    situation.launch("spot", "i-1")
    situation.run()
    situation.now_ms += 901_000
    return situation


def timed_out() -> Situation:
    situation = _asked(capacity_failure_detection="timeout")
    situation.now_ms += 901_000
    return situation


def no_instance_seen() -> Situation:
    situation = _asked(launch_patience_seconds=25)
    situation.now_ms += 25_000
    return situation


def no_capacity() -> Situation:
    situation = _asked()
    situation.fail_launch("spot", SPOT_CAPACITY_FAILURE)
    return situation


def launch_failed() -> Situation:
    situation = _asked()
    situation.fail_launch("spot", "Max spot instance count exceeded.")
    return situation


def pools_without_capacity() -> Situation:
    situation = no_capacity()
    situation.group("spot-too")
    return situation


def probed_elsewhere() -> Situation:
    situation = _failed()
    situation.set_desired("spot", 0)
    situation.set_desired("on-demand", 1)
    situation.group("spot-too")
    situation.priorities('30: ["^spot$"]\n' + TIERS)
    situation.run(seconds=300)
    situation.pods(6)
    situation.run()
    situation.set_desired("spot", 1)
    situation.pods(6)
    return situation


def can_help() -> Situation:
    situation = _failed()
    situation.set_desired("spot", 0)
    situation.set_desired("on-demand", 1)
    situation.pods(3)
    situation.priorities('20: ["^on-demand"]\n10: ["^spot"]\n')
    situation.now_ms += 200_000
    return situation


def full() -> Situation:
    situation = Situation(max_nodes_total=1)
    situation.group("spot", nodes=1, max_size=1)
    situation.group("other")
    situation.group("strange", instance_types=("x9.mega",))
    situation.pods(9)
    return situation


def too_large() -> Situation:
    situation = Situation()
    situation.group("spot")
    situation.pods(1, cpu=90_000)
    return situation


def for_next_pass() -> Situation:
    situation = Situation(max_choices_per_pass=1)
    situation.group("spot", max_size=1)
    situation.pods(9)
    return situation


def upcoming() -> Situation:
    situation = scaled_up()
    situation.run()
    return situation


def fits() -> Situation:
    situation = Situation()
    situation.group("spot", nodes=1)
    situation.pods(1)
    return situation


def waits_no_more() -> Situation:
    situation = fits()
    situation.run()
    situation.remove_pod("pod-1")
    return situation


def starting() -> Situation:
    situation = _situation()
    situation.group("spot")
    situation.node("new", "spot", ready=False)
    return situation


def annotated() -> Situation:
    situation = _to_go()
    situation.change_node("spot-0", annotations={f"{PREFIX}scale-down-disabled": "true"})
    situation.node("stray", None)
    return situation


def unready_kept() -> Situation:
    situation = _to_go(unready_enabled=False)
    situation.now_ms += 1_000_000
    situation.change_node("spot-0", ready=Condition("Unknown", situation.now_ms))
    return situation


def unready_not_long() -> Situation:
    situation = _to_go()
    situation.now_ms += 1_000_000
    situation.change_node("spot-0", ready=Condition("Unknown", situation.now_ms))
    return situation


def being_deleted() -> Situation:
    situation = _to_go()
    situation.launch("spot", "i-spot-0", "Terminating")
    return situation


def blocked() -> Situation:
    situation = _to_go()
    situation.pods(1, on="spot-0", cpu=100, bare=True)
    return situation


def on_completion() -> Situation:
    situation = _to_go()
    said = {f"{PREFIX}safe-to-evict": "on-completion"}
    situation.pods(1, on="spot-0", cpu=100, annotations=said)
    return situation


def no_place() -> Situation:
    situation = _to_go()
    situation.pods(1, on="spot-0", cpu=1500)
    return situation


def not_looked_at() -> Situation:
    situation = _situation(candidates_max_non_empty=1)
    situation.group("spot", nodes=4)
    for number in range(4):
        situation.pods(1, on=f"spot-{number}", cpu=1900)
    return situation


def promised() -> Situation:
    situation = begun()
    situation.pods(1, cpu=3000)
    return situation


def unneeded() -> Situation:
    return _to_go()


def _ripe(situation: Situation) -> Situation:
    situation.run()
    situation.now_ms += 61_000
    return situation


def at_minimum() -> Situation:
    situation = _situation()
    situation.group("spot", nodes=2, min_size=2)
    situation.pods(3, on="spot-1", app="keeps")
    return _ripe(situation)


def at_maximum_of_removals() -> Situation:
    situation = _situation(max_parallelism=1)
    situation.group("spot", nodes=4)
    return _ripe(situation)


def paused_after_scale_up() -> Situation:
    situation = _to_go(delay_after_add_seconds=600)
    situation.pods(2, on="spot-0", cpu=100)
    (wide,) = situation.pods(1, cpu=3900, app="wide")
    situation.run()
    situation.remove_pod(wide.uid)
    return _ripe(situation)


def begun() -> Situation:
    return _ripe(_to_go())


def beyond_the_budget() -> Situation:
    situation = begun()
    situation.budgets = (Budget(0),)
    return situation


def emptied_by_another() -> Situation:
    situation = _to_go()
    situation.claim("spot-0", disruption=DisruptionClaim("ondemand_reclaim", "Expired", 5))
    return situation


def yielded() -> Situation:
    situation = begun()
    (claimed,) = of_kind(situation.run(), ClaimDisruption)
    situation.answer(claimed, status="refused", code="ArbitrationLost")
    return situation


def _tainted(situation: Situation) -> Situation:
    (added,) = of_kind(_ripe(situation).run(), AddTaint)
    situation.change_node("spot-0", taints=(added.taint,))
    return situation


def terminated() -> Situation:
    situation = _tainted(_to_go())
    situation.now_ms += 10_000
    return situation


def gone() -> Situation:
    situation = terminated()
    situation.run()
    situation.remove_node("spot-0")
    situation.lose("spot", "i-spot-0")
    return situation


def delayed() -> Situation:
    situation = terminated()
    key = "delay-deletion.cluster-autoscaler.kubernetes.io/csi"
    situation.change_node("spot-0", annotations={key: ""})
    return situation


def failed_removal() -> Situation:
    situation = _to_go()
    _small(situation)
    situation = _tainted(situation)
    situation.now_ms += 10_000
    situation.run()
    situation.now_ms += 121_000
    return situation


def paused_after_failure() -> Situation:
    situation = failed_removal()
    situation.run()
    situation.change_node("spot-0", taints=())
    situation.run(seconds=1)
    situation.now_ms += 70_000
    return situation


def paused_after_removal() -> Situation:
    situation = _situation(delay_after_delete_seconds=600, max_parallelism=1)
    situation.group("spot", nodes=3)
    situation.pods(3, on="spot-2", app="keeps")
    (added,) = of_kind(_ripe(situation).run(), AddTaint)
    situation.change_node(added.node, taints=(added.taint,))
    situation.now_ms += 10_000
    return situation


def adopted() -> Situation:
    situation = terminated()
    situation.forget()
    return situation


def leftover() -> Situation:
    situation = _to_go()
    old = str(situation.now_ms // 1000 - 900)
    taint = Taint("ToBeDeletedByClusterAutoscaler", "NoSchedule", old)
    situation.change_node("spot-0", taints=(taint,))
    return situation


def bad_priorities() -> Situation:
    situation = fits()
    situation.priorities('20: ["(?!spot)"]\n')
    return situation


def bad_discovery() -> Situation:
    situation = Situation(discovery=("asg:tag=",))
    situation.group("spot")
    return situation


def _small(situation: Situation) -> Pod:
    (pod,) = situation.pods(1, on="spot-0", cpu=100)
    return pod


SITUATIONS: Mapping[str, Callable[[], Situation]] = {
    "ScaledUp": scaled_up,
    "NoCapacity": no_capacity,
    "LaunchFailed": launch_failed,
    "NoInstanceSeen": no_instance_seen,
    "ProvisioningTimedOut": timed_out,
    "NodesNeverJoined": overdue,
    "InBackoff": no_capacity,
    "PoolsWithoutCapacity": pools_without_capacity,
    "ProbedElsewhere": probed_elsewhere,
    "GroupUnhealthy": group_unhealthy,
    "MaxSizeReached": full,
    "UnknownSize": full,
    "PodsDoNotFit": too_large,
    "MaxNodesTotalReached": full,
    "CanHelp": can_help,
    "FitOnExistingNodes": fits,
    "WaitForUpcomingNodes": upcoming,
    "GetNewNodes": scaled_up,
    "LeftForNextPass": for_next_pass,
    "NoGroupHelps": too_large,
    "NoLongerWaiting": waits_no_more,
    "Starting": starting,
    "NotUnderutilized": unneeded,
    "ScaleDownDisabledAnnotation": annotated,
    "NotAutoscaled": annotated,
    "ScaleDownUnreadyDisabled": unready_kept,
    "CurrentlyBeingDeleted": being_deleted,
    "BlockedByPod": blocked,
    "BlockedByOnCompletionPod": on_completion,
    "NoPlaceToMovePods": no_place,
    "PromisedToWaitingPods": promised,
    "NotLookedAtYet": not_looked_at,
    "NotUnneededLongEnough": unneeded,
    "NotUnreadyLongEnough": unready_not_long,
    "NodeGroupMinSizeReached": at_minimum,
    "RemovalsAtMaximum": at_maximum_of_removals,
    "PausedAfterScaleUp": paused_after_scale_up,
    "PausedAfterFailure": paused_after_failure,
    "PausedAfterRemoval": paused_after_removal,
    "RemovalBegan": begun,
    "NoRoomInBudget": beyond_the_budget,
    "EmptiedByAnother": emptied_by_another,
    "RemovalYielded": yielded,
    "RemovalAdopted": adopted,
    "RemovalTaintTakenOff": leftover,
    "RemovalDelayed": delayed,
    "Terminated": terminated,
    "Removed": gone,
    "RemovalFailed": failed_removal,
    "PrioritiesUnusable": bad_priorities,
    "DiscoveryUnreadable": bad_discovery,
    "ClusterUnhealthy": cluster_unhealthy,
    "ClusterHealthy": cluster_healthy,
}


def test_every_code_has_a_situation() -> None:
    assert set(SITUATIONS) == set(CONTROLLER.phrases.sentences)


@pytest.mark.parametrize("code", SITUATIONS)
def test_a_code_is_told_by_its_sentence_with_the_details_it_really_gets(code: str) -> None:
    found = [it for it in SITUATIONS[code]().run().report.verdicts if it.code == code]
    assert found, "the situation leads to it"
    for verdict in found:
        told = CONTROLLER.phrases.tell(verdict)
        assert "{" not in told
        assert "  " not in told
        assert not told.endswith((" ", "()", ": ", "( )"))
        assert "()" not in told


SENTENCES = {
    "NotUnderutilized": "spot-1 is not removed: 75 % of it is requested, more than 50 %",
    "BlockedByPod": (
        "spot-0 is not removed: shop/web-4 would not be made again: no controller of Kubernetes "
        "owns it"
    ),
    "NoPlaceToMovePods": (
        "spot-0 is not removed: no other node has a place for shop/web-4; it is looked at again in "
        "300 s"
    ),
    "NotUnneededLongEnough": (
        "spot-0 is not removed yet: it is not needed, which must hold for 60 s"
    ),
    "NodeGroupMinSizeReached": "spot-0 is not removed: spot keeps at least 2 nodes",
    "RemovalFailed": (
        "the removal of spot-0 failed: an eviction was refused for too long (shop/web-4); it takes "
        "pods again"
    ),
    "NoCapacity": (
        f"1 instance of spot did not come within 5 s ({SPOT_CAPACITY_FAILURE}); its desired "
        "capacity goes back to 0; it is left alone for 180 s"
    ),
    "InBackoff": "spot is not asked: it failed before (NoCapacity, for another 180 s)",
    "PoolsWithoutCapacity": (
        "spot-too is not asked: all its capacity pools failed before, here or in another group; "
        "the next is probed in 180 s"
    ),
    "ScaledUp": (
        "spot-{} goes from 0 to 1 node for 3 pods; considered: spot-a (tier 20), spot-b (tier "
        "20); chosen by the seed among spot-a, spot-b, which are equal"
    ),
}


@pytest.mark.parametrize("code", SENTENCES)
def test_what_an_engineer_on_call_reads(code: str) -> None:
    verdicts: list[Verdict] = list(SITUATIONS[code]().run().report.verdicts)
    told = CONTROLLER.phrases.tell(next(it for it in verdicts if it.code == code))
    assert told in {SENTENCES[code].format(it) for it in ("a", "b")}
