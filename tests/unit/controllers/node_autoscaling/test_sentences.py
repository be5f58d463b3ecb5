"""Every code is told as a sentence, with the details that it really gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from kingtide.control.report import Verdict
from kingtide.controllers.node_autoscaling.decide import CONTROLLER
from kingtide.twin.cloud.wording import SPOT_CAPACITY_FAILURE
from tests.unit.controllers.node_autoscaling import told_scale_down as down
from tests.unit.controllers.node_autoscaling import told_scale_up as up
from tests.unit.controllers.node_autoscaling.situation import Situation

SITUATIONS: Mapping[str, Callable[[], Situation]] = {
    "ScaledUp": up.scaled_up,
    "NoCapacity": up.no_capacity,
    "LaunchFailed": up.launch_failed,
    "NoInstanceSeen": up.no_instance_seen,
    "ProvisioningTimedOut": up.timed_out,
    "NodesNeverJoined": up.overdue,
    "InBackoff": up.no_capacity,
    "PoolsWithoutCapacity": up.pools_without_capacity,
    "ProbedElsewhere": up.probed_elsewhere,
    "GroupUnhealthy": up.group_unhealthy,
    "MaxSizeReached": up.full,
    "UnknownSize": up.full,
    "PodsDoNotFit": up.too_large,
    "MaxNodesTotalReached": up.full,
    "CanHelp": up.can_help,
    "FitOnExistingNodes": up.fits,
    "WaitForUpcomingNodes": up.upcoming,
    "GetNewNodes": up.scaled_up,
    "LeftForNextPass": up.for_next_pass,
    "NoGroupHelps": up.too_large,
    "NoLongerWaiting": up.waits_no_more,
    "Starting": down.starting,
    "NotUnderutilized": down.unneeded,
    "ScaleDownDisabledAnnotation": down.annotated,
    "NotAutoscaled": down.annotated,
    "ScaleDownUnreadyDisabled": down.unready_kept,
    "CurrentlyBeingDeleted": down.being_deleted,
    "BlockedByPod": down.blocked,
    "BlockedByOnCompletionPod": down.on_completion,
    "NoPlaceToMovePods": down.no_place,
    "PromisedToWaitingPods": down.promised,
    "NotLookedAtYet": down.not_looked_at,
    "NotUnneededLongEnough": down.unneeded,
    "NotUnreadyLongEnough": down.unready_not_long,
    "NodeGroupMinSizeReached": down.at_minimum,
    "RemovalsAtMaximum": down.at_maximum_of_removals,
    "PausedAfterScaleUp": down.paused_after_scale_up,
    "PausedAfterFailure": down.paused_after_failure,
    "PausedAfterRemoval": down.paused_after_removal,
    "RemovalBegan": down.begun,
    "NoRoomInBudget": down.beyond_the_budget,
    "EmptiedByAnother": down.emptied_by_another,
    "RemovalYielded": down.yielded,
    "RemovalAdopted": down.adopted,
    "RemovalTaintTakenOff": down.leftover,
    "RemovalDelayed": down.delayed,
    "Terminated": down.terminated,
    "Removed": down.gone,
    "RemovalFailed": down.failed_removal,
    "PrioritiesUnusable": up.bad_priorities,
    "DiscoveryUnreadable": up.bad_discovery,
    "ClusterUnhealthy": down.cluster_unhealthy,
    "ClusterHealthy": down.cluster_healthy,
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
