"""What spot_interruption says of nodes, pods and messages in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.control.action import Action, TerminateInstance
from kingtide.control.message_actions import CompleteLifecycleAction
from kingtide.control.node_actions import ClaimDisruption, DeletePod
from kingtide.control.outcome import Outcome
from kingtide.control.report import Detail, Stance, Verdict
from kingtide.control.workload_actions import ScaleDeployment
from kingtide.controllers.spot_interruption.hooks import Answers
from kingtide.controllers.spot_interruption.leaving import Leaving
from kingtide.controllers.spot_interruption.mail import Letter
from kingtide.controllers.spot_interruption.notice import starts_ms
from kingtide.controllers.spot_interruption.noticed import Noticed
from kingtide.controllers.spot_interruption.order import Chosen
from kingtide.controllers.spot_interruption.standing import may_be_emptied
from kingtide.controllers.spot_interruption.surge import is_surge
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy


def of_nodes(
    noticed: Iterable[Noticed],
    leaving: Iterable[Leaving],
    chosen: Chosen,
    refused: Mapping[str, str],
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> list[Verdict]:
    """Return how each noticed node stands; `refused` says why a claim was, by node."""
    holds: dict[str, dict[str, int]] = {}
    for it in leaving:
        hold = chosen.holds.get(it.pod.uid)
        if hold is not None:
            counts = holds.setdefault(it.node.name, {})
            counts[hold] = counts.get(hold, 0) + 1
    verdicts = []
    for noticed_node in noticed:
        name = noticed_node.node.name
        stance, code, details = _of_node(
            noticed_node, holds.get(name, {}), chosen, refused.get(name), policy, now_ms
        )
        verdicts.append(Verdict(f"node/{name}", stance, code, details))
    return verdicts


def refused_claims(
    before: Mapping[str, str], outcomes: Iterable[Outcome], noticed: Iterable[Noticed]
) -> Mapping[str, str]:
    """Return why claims of disruption are refused, by node: as they were when last asked for.

    A claim is not asked for in each pass; what was refused stands until it is granted, or until the
    node's notice is over.
    """
    told = {it.action.node: it for it in outcomes if isinstance(it.action, ClaimDisruption)}
    if not before and not told:
        return before
    after: dict[str, str] = {}
    for name in (it.node.name for it in noticed):
        outcome = told.get(name)
        if outcome is None and name in before:
            after[name] = before[name]
        elif outcome is not None and outcome.status != "done":
            after[name] = outcome.message or outcome.code
    return after


def of_letters(letters: Iterable[Letter]) -> list[Verdict]:
    """Return what is said of messages; of those that a node answers for, the node is told."""
    return [
        Verdict(
            f"message/{it.message.message_id}",
            "waits" if it.keep else "noticed",
            it.standing,
            {"detail": it.detail},
        )
        for it in letters
        if it.standing != "NodeTold"
    ]


def of_actions(
    actions: Iterable[Action],
    chosen: Chosen,
    answers: Answers,
    noticed: Iterable[Noticed],
    now_ms: int,
) -> list[Verdict]:
    """Return what happens in this pass and has to be known: below budget, surges, ends."""
    by_uid = {it.pod.uid: it for it in chosen.go}
    too_late = [it.token for it in answers.too_late]
    kinds = {it.node.name: it.notice.kind for it in noticed}
    verdicts: list[Verdict] = []
    for action in actions:
        match action:
            case DeletePod():
                it = by_uid[action.uid]
                left_seconds = max(0, ((it.deadline_ms or now_ms) - now_ms) // 1000)
                details: dict[str, Detail] = {"node": it.node.name, "seconds": left_seconds}
                subject = f"pod/{it.pod.key}"
                verdicts.append(Verdict(subject, "acted", "DeletedBelowBudget", details))
            case ScaleDeployment():
                verdicts.append(_of_scale(action))
            case TerminateInstance():
                details = {"kind": kinds[action.node]}
                verdicts.append(Verdict(f"node/{action.node}", "acted", "Terminated", details))
            case CompleteLifecycleAction():
                code = "LifecycleTimedOut" if action.token in too_late else "LifecycleContinued"
                details = {"instance": action.instance_id}
                verdicts.append(Verdict(f"group/{action.group}", "acted", code, details))
            case _:
                pass
    return verdicts


def _of_scale(action: ScaleDeployment) -> Verdict:
    subject = f"deployment/{action.namespace}/{action.name}"
    details: dict[str, Detail] = {"replicas": action.replicas}
    if not is_surge(action):
        return Verdict(subject, "acted", "SurgeEnded", details)
    return Verdict(subject, "acted", "Surged", details)


def _of_node(
    it: Noticed,
    holds: Mapping[str, int],
    chosen: Chosen,
    refusal: str | None,
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> tuple[Stance, str, dict[str, Detail]]:
    details: dict[str, Detail] = {
        "kind": it.notice.kind,
        "left": _left(it.notice.deadline_ms, now_ms),
        "pods": it.staying,
    }
    if it.is_over:
        return "cleared", "GivenBack", details
    if it.intent == "rest":
        details["left"] = f"{max(0, starts_ms(it.notice, policy) - now_ms) // 1000} s"
        return "noticed", "NoticePlanned", details
    if it.intent == "cordon":
        return "noticed", "KeptFromPods", details
    if it.intent == "replace":
        is_protected = it.obstacle == "ProtectedPod"
        return "waits", "KeptByProtectedPod" if is_protected else "WaitsForReplacement", details
    if not may_be_emptied(it.node):
        if refusal is not None:
            return "waits", "ClaimRefused", {**details, "why": refusal}
        return "chose", "NoticeTaken", details
    if not it.staying:
        return "acted", "Emptied", details
    if chosen.is_short and "pace" in holds:
        return "waits", "TimeTooShort", details
    for hold, code in (("budget", "WaitsForBudgets"), ("room", "WaitsForRoom")):
        if hold in holds:
            return "waits", code, {**details, "pods": holds[hold]}
    return "acted", "BeingEmptied", details


def _left(deadline_ms: int | None, now_ms: int) -> str:
    if deadline_ms is None:
        return "nobody says until when"
    left_seconds = (deadline_ms - now_ms) // 1000
    return f"{left_seconds} s are left" if left_seconds > 0 else "no time is left"
