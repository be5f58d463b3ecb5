"""What node_autoscaling says of its passes: every code with its sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kingtide.control.report import Detail, Phrases, Stance, Verdict
from kingtide.controllers.node_autoscaling.backoff import Backoffs
from kingtide.controllers.node_autoscaling.candidates import Candidates
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controllers.node_autoscaling.eligibility import threshold_for
from kingtide.controllers.node_autoscaling.group_failure import GroupFailure
from kingtide.controllers.node_autoscaling.priorities import Priorities, tier_of
from kingtide.controllers.node_autoscaling.removal import Removal
from kingtide.controllers.node_autoscaling.scale_down import Progress, Selection
from kingtide.controllers.node_autoscaling.scale_up import ScaleUp
from kingtide.controllers.node_autoscaling.snapshot import FleetView

CLUSTER = "cluster/nodes"

PHRASES = Phrases(
    {
        # Groups: why that one, and why not.
        "ScaledUp": (
            "{name} goes from {present} to {desired} nodes for {pods} pods; "
            "considered: {considered}; {why}"
        ),
        "NoCapacity": (
            "{name} got {missing} instances not after {waited_seconds} s ({message}); {restored}; "
            "it is left alone for {backoff_seconds} s"
        ),
        "ProvisioningTimedOut": (
            "{name} still misses {missing} instances after {waited_seconds} s, the most that is "
            "waited; {restored}; it is left alone for {backoff_seconds} s"
        ),
        "NodesNeverJoined": (
            "{overdue} instances of {name} never became nodes within {waited_seconds} s and are "
            "terminated; it is left alone for {backoff_seconds} s"
        ),
        "InBackoff": "{name} is not asked: it failed before ({detail})",
        "MaxSizeReached": "{name} is not asked: it has its {detail} nodes",
        "UnknownSize": "{name} is not asked: nothing tells the size of {detail}",
        "PodsDoNotFit": "{name} does not help: {detail}",
        "MaxNodesTotalReached": "{name} is not asked: the cluster has as many nodes as it may",
        "CanHelp": "{name} can be asked again",
        # Pods that wait.
        "FitOnExistingNodes": "{pods} pods of {name} fit on nodes that are there",
        "WaitForUpcomingNodes": "{pods} pods of {name} wait for nodes that are on their way",
        "GetNewNodes": "{pods} pods of {name} get new nodes of {group}",
        "LeftForNextPass": "{pods} pods of {name} are left for the next pass",
        "NoGroupHelps": "no group helps {pods} pods of {name}: {why}",
        "NoLongerWaiting": "no pod of {name} waits any more",
        # Nodes: why not removed.
        "Starting": "{name} is not removed: it is still starting",
        "NotUnderutilized": (
            "{name} is not removed: {utilization_percent} % of it is requested, more than "
            "{threshold_percent} %"
        ),
        "ScaleDownDisabledAnnotation": "{name} is not removed: an annotation forbids it",
        "NotAutoscaled": "{name} is not removed: it is in none of our groups",
        "ScaleDownUnreadyDisabled": "{name} is not removed: it is not Ready, which must not count",
        "CurrentlyBeingDeleted": "{name} is already on its way out",
        "BlockedByPod": "{name} is not removed: a pod keeps it ({detail})",
        "BlockedByOnCompletionPod": "{name} is not removed before {detail} has completed",
        "NoPlaceToMovePods": "{name} is not removed: there is no other place for {detail}",
        "NotLookedAtYet": "{name} is little used and not yet looked at: others come first",
        "NotUnneededLongEnough": "{name} is unneeded, not yet for long enough",
        "NotUnreadyLongEnough": "{name} is not Ready and unneeded, not yet for long enough",
        "NodeGroupMinSizeReached": "{name} is not removed: its group has its minimum",
        "RemovalsAtMaximum": "{name} is not removed yet: as many removals as allowed are under way",
        "PausedAfterScaleUp": "{name} is not removed yet: nodes were added a short time ago",
        "PausedAfterFailure": "{name} is not removed yet: a removal failed a short time ago",
        "PausedAfterRemoval": "{name} is not removed yet: another was removed a moment ago",
        # Nodes: removals.
        "RemovalBegan": "{name} of {group} is removed, {how}",
        "RemovalAdopted": "the removal of {name} of {group} is gone on with",
        "RemovalTaintTakenOff": "{name} takes pods again: nobody goes on with its removal",
        "Terminated": "{name} of {group} is empty and terminated",
        "Removed": "{name} of {group} is gone",
        "RemovalFailed": "the removal of {name} failed: {failure} {detail}",
        # The whole.
        "PrioritiesUnusable": "{name} is not used ({problem}: {detail}); every group counts alike",
        "DiscoveryUnreadable": "no group is looked for: {detail}",
        "ClusterUnhealthy": "nothing is done: {unready} of {nodes} nodes are not Ready",
        "ClusterHealthy": "enough nodes are Ready again",
    }
)


def changed(
    said: Mapping[str, str],
    standing: Iterable[Verdict],
    cleared: Iterable[Verdict] = (),
    forgotten: Iterable[str] = (),
) -> tuple[Mapping[str, str], list[Verdict]]:
    """Return what is now said, and the verdicts that were not said before.

    `cleared` are said when their subject had a standing, which then ends; `forgotten` subjects lose
    theirs in silence, before the new standings count.
    """
    updates: dict[str, str | None] = {it: None for it in forgotten if it in said}
    verdicts: list[Verdict] = []
    for verdict in standing:
        before = None if verdict.subject in updates else said.get(verdict.subject)
        if before != verdict.code:
            verdicts.append(verdict)
            updates[verdict.subject] = verdict.code
    for verdict in cleared:
        if verdict.subject in said and verdict.subject not in updates:
            verdicts.append(verdict)
            updates[verdict.subject] = None
    if not updates:
        return said, verdicts
    merged = dict(said)
    for subject, code in updates.items():
        if code is None:
            merged.pop(subject, None)
        else:
            merged[subject] = code
    return merged, verdicts


def no_longer_waiting(workload: str) -> Verdict:
    """Return what is said when none of a workload's pods waits any more."""
    return Verdict(workload, "cleared", "NoLongerWaiting")


def no_longer_unhealthy() -> Verdict:
    """Return what is said when enough nodes are Ready again."""
    return Verdict(CLUSTER, "cleared", "ClusterHealthy")


def of_priorities(config_map: str, priorities: Priorities) -> list[Verdict]:
    """Return why the priorities cannot be used, nothing when they can."""
    if priorities.problem is None:
        return []
    details = {"problem": priorities.problem, "detail": priorities.detail}
    return [Verdict(f"configmap/{config_map}", "noticed", "PrioritiesUnusable", details)]


def of_failure(failure: GroupFailure, backoffs: Backoffs) -> Verdict:
    """Return what a group's failure led to."""
    restored = (
        "its desired capacity stays"
        if failure.restore_to is None
        else f"its desired capacity goes back to {failure.restore_to}"
    )
    return Verdict(
        f"group/{failure.group}",
        "acted",
        failure.code,
        {
            "missing": failure.missing,
            "overdue": len(failure.overdue),
            "waited_seconds": failure.waited_ms // 1000,
            "message": failure.message,
            "restored": restored,
            "backoff_seconds": backoffs[failure.group].duration_ms // 1000,
        },
    )


def of_scale_up(scale_up: ScaleUp, priorities: Priorities) -> list[Verdict]:
    """Return why which groups get nodes."""
    option = scale_up.choice.option
    if option is None:
        return []
    considered = ", ".join(_ranked(it.group, priorities) for it in scale_up.candidates)
    finalists = scale_up.choice.finalists
    why = (
        f"chosen by the seed among {', '.join(finalists)}, which are equal"
        if len(finalists) > 1
        else f"{option.group} comes first"
    )
    return [
        Verdict(
            f"group/{it.group}",
            "chose",
            "ScaledUp",
            {
                "present": it.expected_desired,
                "desired": it.desired,
                "nodes": it.desired - it.expected_desired,
                "pods": option.pods,
                "considered": considered,
                "why": why if it.group == option.group else f"shared with {option.group}",
            },
        )
        for it in scale_up.enlargements
    ]


def of_groups(scale_up: ScaleUp) -> list[Verdict]:
    """Return why groups cannot help the pods that wait."""
    return [
        Verdict(f"group/{name}", "refused", it.code, {"detail": it.detail})
        for name, it in scale_up.refusals.items()
    ]


def of_groups_again(scale_up: ScaleUp) -> list[Verdict]:
    """Return what is said of groups that could not help before and can now."""
    return [Verdict(f"group/{it.group}", "cleared", "CanHelp") for it in scale_up.candidates]


def of_demands(demands: Sequence[Demand], scale_up: ScaleUp) -> list[Verdict]:
    """Return what becomes of the pods of every workload that waits."""
    verdicts: dict[str, Verdict] = {}
    for place, demand in enumerate(demands):
        existing = scale_up.on_existing[place]
        upcoming = scale_up.on_upcoming[place]
        placed = scale_up.placed[place] if scale_up.placed else 0
        left = demand.count - existing - upcoming - placed
        option = scale_up.choice.option
        subject = demand.workload
        if left and option is None:
            why = "; ".join(f"{name}: {it.code}" for name, it in scale_up.refusals.items())
            details: dict[str, Detail] = {"pods": left, "why": why or "there is no group"}
            verdicts[subject] = Verdict(subject, "refused", "NoGroupHelps", details)
        elif left:
            verdicts[subject] = Verdict(subject, "waits", "LeftForNextPass", {"pods": left})
        elif placed and option is not None:
            details = {"pods": placed, "group": option.group}
            verdicts[subject] = Verdict(subject, "waits", "GetNewNodes", details)
        elif upcoming:
            verdicts[subject] = Verdict(
                subject, "waits", "WaitForUpcomingNodes", {"pods": upcoming}
            )
        else:
            verdicts[subject] = Verdict(subject, "waits", "FitOnExistingNodes", {"pods": existing})
    return list(verdicts.values())


def of_nodes(
    fleet: FleetView,
    candidates: Candidates,
    selection: Selection | None,
    removals: Mapping[str, Removal],
) -> list[Verdict]:
    """Return why nodes are not removed: of those that changed and those that are looked at.

    `selection` None means that nothing was selected in this pass; then what was said of unneeded
    nodes stays.
    """
    verdicts = []
    for name in dict.fromkeys([*fleet.touched, *candidates.simulated]):
        standing = fleet.nodes.get(name)
        if standing is None or name in removals or name not in candidates.judged:
            continue
        found = candidates.simulated.get(name)
        code, utilization_percent = candidates.judged[name]
        details: dict[str, Detail] = {}
        if code == "NotUnderutilized":
            group = fleet.group_of(name)
            assert group is not None
            threshold = threshold_for(standing.node, group.options)
            details = {
                "utilization_percent": utilization_percent,
                "threshold_percent": round(threshold * 100),
            }
        elif not code and found is not None and found.code is not None:
            code, details = found.code, {"detail": found.detail}
        elif not code and found is not None:
            if selection is None or name in selection.begun:
                continue
            if name not in selection.waiting:
                continue  # its group is not ours any more, which its own change will tell
            code = selection.waiting[name]
        elif not code:
            code = "NotLookedAtYet"
        stance: Stance = "waits" if found is not None and found.code is None else "refused"
        verdicts.append(Verdict(f"node/{name}", stance, code, details))
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
    for removal, step in progress.failed:
        details = {"failure": step.failure or "", "detail": step.detail}
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


def _ranked(group: str, priorities: Priorities) -> str:
    if priorities.problem is not None:
        return group
    tier = tier_of(group, priorities)
    return f"{group} (in no tier)" if tier is None else f"{group} (tier {tier})"
