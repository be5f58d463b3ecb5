"""Whole passes that give nodes back."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.action import AddTaint, EvictPod, RemoveTaint
from kingtide.control.removal_taint import TO_BE_DELETED
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Condition
from kingtide.kube.taints import Taint
from kingtide.kube.workloads import PodDisruptionBudget
from tests.unit.controllers.node_autoscaling.situation import (
    Situation,
    codes,
    of_kind,
    requests,
    terminated,
    verdict,
)

QUICK = {"unneeded_seconds": 60, "delay_after_add_seconds": 0}


def situation_with(**settings: object) -> Situation:
    """Quick timers, so that a test reads in few passes."""
    from kingtide.fleet.policies.node_autoscaling import ScaleDownPolicy

    scale_down = ScaleDownPolicy(**{**QUICK, **settings})  # type: ignore[arg-type]  # ints and bools
    return Situation(scale_down=scale_down)


def begun(decision: object) -> list[str]:
    return [it.node for it in of_kind(decision, AddTaint)]  # type: ignore[arg-type]  # a decision


def put_taint(situation: Situation, name: str) -> None:
    """What the performer does with AddTaint."""
    taint = Taint(TO_BE_DELETED, "NoSchedule", str(situation.now_ms // 1000), situation.now_ms)
    node = situation.cluster.nodes[name]
    situation.change_node(name, taints=(*node.taints, taint))


def test_an_empty_node_goes_after_its_time_taint_first() -> None:
    situation = situation_with()
    situation.group("spot", nodes=1)
    assert codes(situation.run(), "node/spot-0") == ["NotUnneededLongEnough"]
    assert begun(situation.run(seconds=60)) == []
    decision = situation.run(seconds=1)
    assert begun(decision) == ["spot-0"]
    assert terminated(decision) == []
    put_taint(situation, "spot-0")
    assert terminated(situation.run(seconds=1)) == []  # the scheduler has to see the taint
    decision = situation.run(seconds=10)
    assert terminated(decision) == ["i-spot-0"]
    assert terminated(situation.run(seconds=10)) == []
    situation.launch("spot", "i-spot-0", "Terminating")
    situation.set_desired("spot", 0)
    situation.run(seconds=10)
    situation.remove_node("spot-0")
    assert codes(situation.run(seconds=10), "node/spot-0") == ["Removed"]
    assert situation.memory.removals == {}


def test_a_node_more_than_half_requested_stays() -> None:
    situation = situation_with()
    situation.group("spot", nodes=1)
    situation.pods(1, on="spot-0", cpu=2001)
    told = verdict(situation.run(), "NotUnderutilized")
    assert told.details == {"utilization_percent": 50, "threshold_percent": 50}
    assert begun(situation.run(seconds=600)) == []


def test_a_node_whose_pods_fit_elsewhere_is_drained() -> None:
    situation = situation_with()
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-0", app="keeps")
    pods = situation.pods(1, on="spot-1", cpu=500)
    situation.run()
    decision = situation.run(seconds=61)
    assert begun(decision) == ["spot-1"]
    assert verdict(decision, "RemovalBegan").details["how"] == "its pods first"
    put_taint(situation, "spot-1")
    decision = situation.run(seconds=10)
    assert [it.uid for it in of_kind(decision, EvictPod)] == [pods[0].uid]
    # Asked once; it is not asked again while the pod is on its way out.
    assert of_kind(situation.run(seconds=10), EvictPod) == []
    situation.change_pod(pods[0].uid, deletion_ms=situation.now_ms)
    assert of_kind(situation.run(seconds=10), EvictPod) == []
    situation.remove_pod(pods[0].uid)
    assert terminated(situation.run(seconds=10)) == ["i-spot-1"]


def test_a_node_whose_pods_fit_nowhere_stays() -> None:
    situation = situation_with()
    situation.group("spot", nodes=2)
    situation.pods(4, on="spot-0", app="keeps")
    (pod,) = situation.pods(1, on="spot-1", cpu=500)
    decision = situation.run()
    assert verdict(decision, "NoPlaceToMovePods").details["detail"] == pod.key
    assert begun(situation.run(seconds=601)) == []


def test_a_node_on_which_waiting_pods_fit_is_not_removed_under_them() -> None:
    situation = situation_with()
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-1", app="keeps")
    situation.run()
    (pod,) = situation.pods(1, cpu=2000)
    decision = situation.run(seconds=61)
    assert begun(decision) == []
    assert verdict(decision, "PromisedToWaitingPods").subject == "node/spot-0"
    situation.remove_pod(pod.uid)
    situation.run(seconds=10)
    assert begun(situation.run(seconds=61)) == ["spot-0"]


def test_two_half_empty_nodes_do_not_count_on_each_other() -> None:
    situation = situation_with()
    situation.group("spot", nodes=2)
    situation.pods(1, on="spot-0", cpu=2000)
    situation.pods(1, on="spot-1", cpu=2000)
    situation.run()
    decision = situation.run(seconds=61)
    assert len(begun(decision)) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"bare": True}, "NotReplicated", id="nobody makes it again"),
        pytest.param({"namespace": "kube-system"}, "UnmovableKubeSystemPod", id="system pod"),
        pytest.param(
            {"annotations": {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}},
            "NotSafeToEvictAnnotation",
            id="annotated",
        ),
    ],
)
def test_a_pod_that_must_not_move_keeps_its_node(changes: dict[str, object], reason: str) -> None:
    situation = situation_with()
    situation.group("spot", nodes=2)
    (pod,) = situation.pods(1, on="spot-0", cpu=100, **changes)  # type: ignore[arg-type]  # Pod fields
    situation.pods(3, on="spot-1", app="keeps")
    told = verdict(situation.run(), "BlockedByPod")
    assert told.subject == "node/spot-0"
    assert (told.details["pod"], told.details["reason"]) == (pod.key, reason)


def test_a_spent_disruption_budget_keeps_the_node() -> None:
    situation = situation_with()
    situation.group("spot", nodes=2)
    situation.pods(1, on="spot-0", cpu=100)
    situation.pods(3, on="spot-1", app="keeps")
    selector = LabelSelector(match_labels=(("app", "web"),))
    situation.cluster.apply(None, PodDisruptionBudget("shop", "web", selector))
    assert verdict(situation.run(), "BlockedByPod").details["reason"] == "NotEnoughPdb"


@pytest.mark.parametrize(
    ("annotation", "code"),
    [
        pytest.param(
            "cluster-autoscaler.kubernetes.io/scale-down-disabled",
            "ScaleDownDisabledAnnotation",
            id="forbidden by annotation",
        )
    ],
)
def test_an_annotation_forbids_a_removal(annotation: str, code: str) -> None:
    situation = situation_with()
    situation.group("spot")
    situation.node("kept", "spot", annotations={annotation: "true"})
    assert codes(situation.run(), "node/kept") == [code]


def test_a_node_of_no_group_is_never_removed() -> None:
    situation = situation_with()
    situation.node("control-plane", None)
    assert codes(situation.run(), "node/control-plane") == ["NotAutoscaled"]
    assert begun(situation.run(seconds=601)) == []


def test_no_group_falls_below_its_minimum() -> None:
    situation = situation_with()
    situation.group("spot", nodes=3, min_size=2)
    situation.run()
    decision = situation.run(seconds=61)
    assert begun(decision) == ["spot-0"]
    assert codes(decision, "node/spot-1") == ["NodeGroupMinSizeReached"]
    put_taint(situation, "spot-0")
    assert begun(situation.run(seconds=10)) == []


def test_empty_nodes_go_in_bulk_within_the_bound() -> None:
    situation = situation_with(max_parallelism=3)
    situation.group("spot", nodes=5)
    situation.run()
    decision = situation.run(seconds=61)
    assert len(begun(decision)) == 3
    assert codes(decision, "node/spot-4") == ["RemovalsAtMaximum"]
    assert begun(situation.run(seconds=10)) == []


def test_nodes_with_pods_go_one_after_the_other() -> None:
    situation = situation_with()
    situation.group("spot", nodes=4)
    situation.pods(2, on="spot-0", app="keeps", cpu=1050)
    for name in ("spot-1", "spot-2", "spot-3"):
        situation.pods(1, on=name, cpu=100)
    situation.run()
    assert len(begun(situation.run(seconds=61))) == 1
    assert begun(situation.run(seconds=10)) == []


def test_nothing_is_removed_soon_after_a_scale_up() -> None:
    situation = situation_with(delay_after_add_seconds=600, unneeded_seconds=60)
    situation.group("spot", nodes=2)
    situation.group("big", instance_types=("m5.4xlarge",))
    (pod,) = situation.pods(1, cpu=9000)
    assert requests(situation.run()) == {"big": (0, 1)}
    situation.remove_pod(pod.uid)
    situation.run(seconds=10)
    decision = situation.run(seconds=90)
    assert begun(decision) == []
    assert codes(decision, "node/spot-0") == ["PausedAfterScaleUp"]
    assert begun(situation.run(seconds=500)) == ["spot-0", "spot-1"]


def test_a_broken_node_waits_longer_than_a_ready_one() -> None:
    situation = situation_with(unready_seconds=300)
    situation.group("spot", nodes=2)
    situation.now_ms += 3_600_000
    situation.change_node("spot-0", ready=Condition("Unknown", situation.now_ms))
    situation.pods(3, on="spot-1", app="keeps")
    situation.run()
    assert begun(situation.run(seconds=61)) == []
    assert begun(situation.run(seconds=200)) == []
    assert begun(situation.run(seconds=40)) == ["spot-0"]


def test_a_node_that_still_starts_is_not_removed() -> None:
    situation = situation_with()
    situation.group("spot", desired=1)
    situation.node("new", "spot", ready=False)
    assert codes(situation.run(), "node/new") == ["Starting"]
    assert begun(situation.run(seconds=300)) == []


def test_a_refused_eviction_is_asked_again_and_given_up_in_time() -> None:
    situation = situation_with(max_pod_eviction_seconds=30)
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-0", app="keeps")
    situation.pods(1, on="spot-1", cpu=500)
    situation.run()
    assert begun(situation.run(seconds=61)) == ["spot-1"]
    put_taint(situation, "spot-1")
    for _ in range(3):
        decision = situation.run(seconds=10)
        (eviction,) = of_kind(decision, EvictPod)
        situation.answer(eviction, status="refused", code="429")
    decision = situation.run(seconds=10)
    assert [it.node for it in of_kind(decision, RemoveTaint)] == ["spot-1"]
    told = verdict(decision, "RemovalFailed")
    assert told.details["failure"] == "EvictionTimedOut"
    assert situation.memory.removals == {}


def test_a_removal_is_gone_on_with_after_a_restart() -> None:
    situation = situation_with()
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-0", app="keeps")
    (pod,) = situation.pods(1, on="spot-1", cpu=500)
    put_taint(situation, "spot-1")
    situation.forget()
    decision = situation.run(seconds=10)
    assert "RemovalAdopted" in codes(decision, "node/spot-1")
    assert [it.uid for it in of_kind(decision, EvictPod)] == [pod.uid]


def test_a_leftover_taint_is_taken_off() -> None:
    situation = situation_with()
    situation.group("spot", nodes=1)
    put_taint(situation, "spot-0")
    decision = situation.run(seconds=301)
    assert [it.node for it in of_kind(decision, RemoveTaint)] == ["spot-0"]


def test_a_termination_that_fails_gives_the_node_back() -> None:
    situation = situation_with(unneeded_seconds=60)
    situation.group("spot", nodes=1)
    situation.run()
    assert begun(situation.run(seconds=61)) == ["spot-0"]
    put_taint(situation, "spot-0")
    decision = situation.run(seconds=10)
    assert terminated(decision) == ["i-spot-0"]
    situation.answer(*decision.actions, status="failed", code="ScalingActivityInProgress")
    decision = situation.run(seconds=10)
    assert [it.node for it in of_kind(decision, RemoveTaint)] == ["spot-0"]
    situation.change_node("spot-0", taints=())
    assert begun(situation.run(seconds=100)) == []  # paused after the failure
    assert begun(situation.run(seconds=100)) == ["spot-0"]


def test_pods_leave_in_tiers_of_priority() -> None:
    from kingtide.fleet.policies.node_autoscaling import DrainPolicy, ScaleDownPolicy

    situation = Situation(
        scale_down=ScaleDownPolicy(unneeded_seconds=60),
        drain=DrainPolicy(priority_floors=(0, 5)),
    )
    situation.group("spot", nodes=2)
    situation.pods(2, on="spot-0", app="keeps", cpu=1050)
    (low,) = situation.pods(1, on="spot-1", cpu=100, app="low", priority=-5)
    (high,) = situation.pods(1, on="spot-1", cpu=100, app="high", priority=5)
    situation.run()
    situation.run(seconds=61)
    put_taint(situation, "spot-1")
    assert [it.uid for it in of_kind(situation.run(seconds=10), EvictPod)] == [low.uid]
    situation.remove_pod(low.uid)
    assert [it.uid for it in of_kind(situation.run(seconds=10), EvictPod)] == [high.uid]


def test_room_for_pods_that_leave_is_not_promised_twice() -> None:
    situation = situation_with(max_drain_parallelism=5)
    situation.group("spot", nodes=3)
    # One free core on spot-0; each of the others would need it.
    situation.pods(3, on="spot-0", app="keeps")
    situation.pods(1, on="spot-1", cpu=1000, app="a")
    situation.pods(1, on="spot-2", cpu=1000, app="b")
    situation.run()
    decision = situation.run(seconds=61)
    assert len(begun(decision)) == 1


def test_scale_down_can_be_turned_off() -> None:
    situation = situation_with(enabled=False)
    situation.group("spot", nodes=1)
    situation.run()
    assert begun(situation.run(seconds=600)) == []


def test_a_group_tag_overrides_the_threshold() -> None:
    situation = situation_with()
    tag = "k8s.io/cluster-autoscaler/node-template/autoscaling-options/"
    situation.group(
        "spot",
        nodes=2,
        tags={tag + "scaledownutilizationthreshold": "0.1"},
    )
    situation.pods(1, on="spot-0", cpu=800)
    situation.pods(3, on="spot-1", app="keeps")
    decision = situation.run()
    assert codes(decision, "node/spot-1") == ["NotUnderutilized"]
    assert codes(decision, "node/spot-0") == ["NotUnderutilized"]
    group = situation.cloud.groups["spot"]
    tags = {**group.tags, tag + "scaledownutilizationthreshold": "0.25"}
    situation.cloud.groups["spot"] = msgspec.structs.replace(group, tags=tags)
    assert codes(situation.run(seconds=10), "node/spot-0") == ["NotUnneededLongEnough"]


def test_pods_that_have_ended_go_with_their_node_and_need_no_place() -> None:
    situation = situation_with()
    situation.group("spot", nodes=1)
    for pod in situation.pods(2, on="spot-0"):
        situation.cluster.apply(pod, msgspec.structs.replace(pod, phase="Succeeded"))
    assert codes(situation.run(), "node/spot-0") == ["NotUnneededLongEnough"]
    situation.run(seconds=60)
    assert begun(situation.run(seconds=1)) == ["spot-0"]
