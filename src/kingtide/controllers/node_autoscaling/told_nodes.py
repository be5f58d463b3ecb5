"""What is said of nodes: why they are not removed, and what becomes of removals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.control.report import Detail, Stance, Verdict
from kingtide.controllers.node_autoscaling.candidates import Candidates
from kingtide.controllers.node_autoscaling.eligibility import threshold_for
from kingtide.controllers.node_autoscaling.phrases import BLOCKERS, FAILURES, YIELDED
from kingtide.controllers.node_autoscaling.removal import Removal
from kingtide.controllers.node_autoscaling.scale_down import Progress, Selection
from kingtide.controllers.node_autoscaling.snapshot import FleetView, GroupStanding
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy


def of_nodes(
    fleet: FleetView,
    candidates: Candidates,
    selection: Selection | None,
    removals: Mapping[str, Removal],
    said: Mapping[str, str],
    policy: NodeAutoscalingPolicy,
) -> list[Verdict]:
    """Return why nodes are not removed: of those that changed and those that are looked at.

    `selection` None means that nothing was selected in this pass; then what was said of unneeded
    nodes stays. Nothing is returned of nodes of which `said` (codes by subject) says the same.
    """
    verdicts = []
    for name in dict.fromkeys([*fleet.touched, *candidates.simulated]):
        if name not in fleet.nodes or name in removals or name not in candidates.judged:
            continue
        found = candidates.simulated.get(name)
        code = candidates.judged[name].code
        detail = ""
        if not code and found is not None and found.code is not None:
            code, detail = found.code, found.detail
        elif not code and found is not None:
            if selection is None or name not in selection.waiting:
                continue  # it goes, or its group is not ours any more, which is told elsewhere
            code = selection.waiting[name]
        elif not code:
            code = "NotLookedAtYet"
        subject = f"node/{name}"
        if said.get(subject) == code:
            continue
        stance: Stance = "waits" if found is not None and found.code is None else "refused"
        details = _details(code, detail, name, fleet, candidates, policy)
        verdicts.append(Verdict(subject, stance, code, details))
    return verdicts


def of_removals(progress: Progress, begun: Iterable[Removal]) -> list[Verdict]:
    """Return what happened to removals."""
    verdicts = [
        Verdict(f"node/{it.node}", "acted", "RemovalAdopted", {"group": it.group})
        for it in progress.adopted
    ]
    verdicts += [
        Verdict(f"node/{name}", "acted", "RemovalTaintTakenOff") for name in progress.leftovers
    ]
    for removal, annotation in progress.delayed:
        subject = f"node/{removal.node}"
        verdicts.append(Verdict(subject, "waits", "RemovalDelayed", {"annotation": annotation}))
    for removal, step in progress.yielded:
        why = YIELDED.get(step.detail, f"{step.detail} empties it")
        details: dict[str, Detail] = {"why": why}
        verdicts.append(Verdict(f"node/{removal.node}", "noticed", "RemovalYielded", details))
    for removal, step in progress.failed:
        assert step.failure is not None
        why = FAILURES[step.failure] + (f" ({step.detail})" if step.detail else "")
        details = {"failure": step.failure, "why": why}
        verdicts.append(Verdict(f"node/{removal.node}", "noticed", "RemovalFailed", details))
    verdicts += [
        Verdict(f"node/{it.node}", "noticed", "Removed", {"group": it.group})
        for it in progress.finished
    ]
    verdicts += [
        Verdict(f"node/{it.node}", "acted", "Terminated", {"group": it.group})
        for it in progress.terminated
    ]
    for it in begun:
        how = "its pods first" if it.is_drain else "it is empty"
        verdicts.append(
            Verdict(f"node/{it.node}", "acted", "RemovalBegan", {"group": it.group, "how": how})
        )
    return verdicts


def _details(
    code: str,
    detail: str,
    name: str,
    fleet: FleetView,
    candidates: Candidates,
    policy: NodeAutoscalingPolicy,
) -> Mapping[str, Detail]:
    settings = policy.scale_down
    group = fleet.group_of(name)
    match code:
        case "NotUnderutilized" | "NotUnneededLongEnough" | "NotUnreadyLongEnough":
            assert group is not None
            return _measured(code, name, fleet, candidates, group)
        case "NodeGroupMinSizeReached":
            assert group is not None
            return {"group": group.name, "min_size": group.min_size}
        case "RemovalsAtMaximum":
            drains = min(settings.max_drain_parallelism, settings.max_parallelism)
            return {"at_most": settings.max_parallelism, "at_most_drains": drains}
        case "EmptiedByAnother":
            return {"by": fleet.claims[name].other}
        case "PausedAfterScaleUp":
            return {"pause_seconds": settings.delay_after_add_seconds}
        case "PausedAfterFailure":
            return {"pause_seconds": settings.delay_after_failure_seconds}
        case "PausedAfterRemoval":
            return {"pause_seconds": settings.delay_after_delete_seconds}
        case "NotLookedAtYet":
            return {"at_most": settings.candidates_max_non_empty}
        case "BlockedByPod":
            reason = candidates.simulated[name].reason
            assert reason is not None
            return {"pod": detail, "reason": reason, "why": BLOCKERS[reason].format(pod=detail)}
        case "NoPlaceToMovePods":
            return {"detail": detail, "recheck_seconds": settings.recheck_unremovable_seconds}
        case _:
            return {"detail": detail} if detail else {}


def _measured(
    code: str, name: str, fleet: FleetView, candidates: Candidates, group: GroupStanding
) -> Mapping[str, Detail]:
    options = group.options
    if code == "NotUnderutilized":
        threshold = threshold_for(fleet.nodes[name].node, options)
        return {
            "utilization_percent": candidates.judged[name].utilization_percent,
            "threshold_percent": round(threshold * 100),
        }
    needed_ms = options.unneeded_ms if code == "NotUnneededLongEnough" else options.unready_ms
    return {"needed_seconds": needed_ms // 1000}
