"""What a controller asked for, as sentences."""

from __future__ import annotations

import msgspec

from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    PatchScale,
    RemoveTaint,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.counted import counted
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.control.workload_actions import WorkloadAction
from kingtide.report.message_sentences import MessageAction, asked_of_message
from kingtide.report.node_sentences import NodeAction, asked_of_node
from kingtide.report.workload_sentences import asked_of_workload

BECAME: dict[OutcomeStatus, str] = {
    "done": "which was done",
    "precondition_failed": "which came too late: it had changed by then",
    "refused": "which was refused",
    "failed": "which failed",
}


def action_text(action: Action) -> str:
    """Return what was asked and why."""
    return f"{asked(action)}: {action.reason}" if action.reason else asked(action)


def outcome_text(outcome: Outcome) -> str:
    """Return what was asked and what became of it."""
    why = " ".join(part for part in (outcome.code, outcome.message) if part)
    became = f"{asked(outcome.action)}, {BECAME[outcome.status]}"
    return f"{became} ({why})" if why else became


def asked(action: Action) -> str:
    """Return what was asked, as `asked spot for 16 instances instead of 14`.

    A class without a sentence here is told by its fields, never hidden.
    """
    match action:
        case SetDesiredCapacity(group=group, desired=desired, expected_desired=before):
            return f"asked {group} for {counted(desired, 'instance')} instead of {before:,}"
        case TerminateInstance(group=group, instance_id=instance, node=node):
            which = f"{instance} of {group}" + (f" (node {node})" if node else "")
            return f"asked to terminate {which}, and for one instance fewer"
        case AddTaint(node=node, taint=taint):
            value = f"={taint.value}" if taint.value else ""
            return f"asked to taint {node} with {taint.key}{value}:{taint.effect}"
        case RemoveTaint(node=node, key=key, effect=effect):
            return f"asked to take the taint {key}:{effect} off {node}"
        case EvictPod(namespace=namespace, name=name, grace_seconds=None):
            return f"asked to evict {namespace}/{name}"
        case EvictPod(namespace=namespace, name=name, grace_seconds=int(grace)):
            return f"asked to evict {namespace}/{name} within {counted(grace, 'second')}"
        case PatchScale(namespace=namespace, name=name, replicas=to, expected_replicas=before):
            return f"asked {namespace}/{name} for {counted(to, 'replica')} instead of {before:,}"
    if isinstance(action, WorkloadAction):
        return asked_of_workload(action)
    if isinstance(action, NodeAction):
        return asked_of_node(action)
    if isinstance(action, MessageAction):
        return asked_of_message(action)
    fields = msgspec.structs.asdict(action)
    told = ", ".join(f"{k}={v}" for k, v in fields.items() if k != "reason")
    return f"asked for {type(action).__name__} ({told})"
