"""Situations that lead to each verdict on nodes that could go, and on a cluster that cannot."""

from __future__ import annotations

from kingtide.control.action import AddTaint
from kingtide.control.budget import Budget
from kingtide.control.claims import DisruptionClaim
from kingtide.control.node_actions import ClaimDisruption
from kingtide.fleet.policies.node_autoscaling import ScaleDownPolicy
from kingtide.kube.pods import Condition, Pod
from kingtide.kube.taints import Taint
from tests.unit.controllers.node_autoscaling.situation import Situation, of_kind

PREFIX = "cluster-autoscaler.kubernetes.io/"


def _situation(**down: int | bool) -> Situation:
    settings = {"unneeded_seconds": 60, "delay_after_add_seconds": 0, **down}
    return Situation(scale_down=ScaleDownPolicy(**settings))  # type: ignore[arg-type]  # by name


def _to_go(**down: int | bool) -> Situation:
    """Two nodes of `spot`; the first is little used, the second is not."""
    situation = _situation(**down)
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-1", app="keeps")
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


def _small(situation: Situation) -> Pod:
    (pod,) = situation.pods(1, on="spot-0", cpu=100)
    return pod
