"""What is said of groups and of the pods that wait for them."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.control.report import Detail, Verdict
from kingtide.controllers.node_autoscaling.backoff import Backoffs
from kingtide.controllers.node_autoscaling.candidate_groups import Refusal
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controllers.node_autoscaling.group_failure import GroupFailure
from kingtide.controllers.node_autoscaling.phrases import WHY_NOT_ASKED
from kingtide.controllers.node_autoscaling.priorities import Priorities, tier_of
from kingtide.controllers.node_autoscaling.scale_up import Enlargement, Round, ScaleUp

DECIDED: dict[str, str] = {
    "priority": "it alone stands in the highest tier",
    "price": "it costs least for what the pods request",
    "least-waste": "its nodes would be filled best",
    "most-pods": "it helps the most pods",
    "": "no other group can help",
}
"""Why an expander left one group, by its name."""


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
            "pools": ", ".join(map(str, failure.pools)),
            "backoff_seconds": backoffs[failure.group].duration_ms // 1000,
        },
    )


def of_scale_up(scale_up: ScaleUp, priorities: Priorities) -> list[Verdict]:
    """Return why which groups get nodes."""
    verdicts = []
    for number, found in enumerate(scale_up.rounds):
        considered = ", ".join(_ranked(it.group, priorities) for it in found.candidates)
        for it in found.enlargements:
            details: dict[str, Detail] = {
                "present": it.expected_desired,
                "desired": it.desired,
                "nodes": it.desired - it.expected_desired,
                "pods": it.pods,
                "considered": considered,
                "why": _why(found, it, number),
            }
            verdicts.append(Verdict(f"group/{it.group}", "chose", "ScaledUp", details))
    return verdicts


def of_groups(scale_up: ScaleUp) -> list[Verdict]:
    """Return why groups cannot help the pods that wait."""
    return [
        Verdict(f"group/{name}", "refused", it.code, {"detail": it.detail})
        for name, it in scale_up.refusals.items()
    ]


def of_groups_again(scale_up: ScaleUp) -> list[Verdict]:
    """Return what is said of groups that could not help before and can now."""
    return [Verdict(f"group/{name}", "cleared", "CanHelp") for name in scale_up.candidates]


def of_demands(demands: Sequence[Demand], scale_up: ScaleUp) -> list[Verdict]:
    """Return what becomes of the pods of every workload that waits."""
    verdicts: dict[str, Verdict] = {}
    for place, demand in enumerate(demands):
        subject = demand.workload
        verdicts[subject] = _of_demand(subject, place, demand.count, scale_up)
    return list(verdicts.values())


def _of_demand(subject: str, place: int, count: int, scale_up: ScaleUp) -> Verdict:
    existing, upcoming = scale_up.on_existing[place], scale_up.on_upcoming[place]
    helped = {
        it.chosen.group: it.placed[place] for it in scale_up.rounds if it.placed[place]
    }  # a group is chosen once a pass
    placed = sum(helped.values())
    left = count - existing - upcoming - placed
    if left and scale_up.last_refusals is not None:
        why = "; ".join(_short(name, it) for name, it in scale_up.last_refusals.items())
        details: dict[str, Detail] = {"pods": left, "why": why or "there is no group"}
        return Verdict(subject, "refused", "NoGroupHelps", details)
    if left:
        return Verdict(subject, "waits", "LeftForNextPass", {"pods": left})
    if placed:
        groups = ", ".join(helped)
        return Verdict(subject, "waits", "GetNewNodes", {"pods": placed, "group": groups})
    if upcoming:
        return Verdict(subject, "waits", "WaitForUpcomingNodes", {"pods": upcoming})
    return Verdict(subject, "waits", "FitOnExistingNodes", {"pods": existing})


def _why(found: Round, it: Enlargement, number: int) -> str:
    chosen = found.chosen.group
    if it.group != chosen:
        return f"shared with {chosen}, which is alike"
    if found.choice.finalists:
        why = f"chosen by the seed among {', '.join(found.choice.finalists)}, which are equal"
    else:
        why = DECIDED[found.choice.decided_by]
    if number:
        why += f", for pods that choice {number} of this pass left over"
    if found.is_probe:
        why += "; all its capacity pools failed before, so one node shows whether they still do"
    return why


def _short(name: str, refusal: Refusal) -> str:
    words = WHY_NOT_ASKED[refusal.code]
    detail = f" {refusal.detail}" if refusal.detail else ""
    return f"{name}: {words}{detail}"


def _ranked(group: str, priorities: Priorities) -> str:
    if priorities.problem is not None:
        return group
    tier = tier_of(group, priorities)
    return f"{group} (in no tier)" if tier is None else f"{group} (tier {tier})"
