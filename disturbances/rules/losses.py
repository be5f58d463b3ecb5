"""No decision is lost: what was decided has its outcome, and what was done was told."""

from __future__ import annotations

from disturbances.audit import Write, pid_of
from disturbances.rules.rule import Evidence, Rule
from kingtide.control.action import Action, EvictPod, SetDesiredCapacity, TerminateInstance
from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
from kingtide.control.node_actions import DeletePod

Key = tuple[str, ...]


def _key_of_action(action: Action) -> Key:
    """Return what an action changes, as the audit names it."""
    match action:
        case SetDesiredCapacity():
            return "SetDesiredCapacity", action.group, str(action.desired)
        case TerminateInstance():
            return "TerminateInstanceInAutoScalingGroup", action.instance_id
        case AcknowledgeMessage():
            return "DeleteMessage", action.message_id
        case CompleteLifecycleAction():
            return "CompleteLifecycleAction", action.group, action.instance_id
        case RecordLifecycleHeartbeat():
            return "RecordLifecycleActionHeartbeat", action.group, action.instance_id
        case EvictPod() | DeletePod():
            return action.namespace, action.name
        case _ if hasattr(action, "node"):
            return "", str(action.node)
        case _:
            return str(getattr(action, "namespace", "")), str(getattr(action, "name", ""))


def _key_of_write(write: Write) -> Key:
    if write.verb == "SetDesiredCapacity":
        return write.verb, write.about[0], str(write.sent["DesiredCapacity"])
    if write.is_cloud:
        return write.verb, *write.about
    return write.about[1], write.about[2]


def untold(evidence: Evidence) -> list[Write]:
    """Return the accepted writes that no journal of their process tells of."""
    told = {
        pid: {_key_of_action(it.action) for entry in entries for it in entry.outcomes}
        for pid, entries in evidence.journals.items()
    }
    return [
        write
        for write in evidence.decided
        if write.accepted and _key_of_write(write) not in told.get(pid_of(write.who), ())
    ]


def _judge(evidence: Evidence) -> list[str]:
    found = [
        f"{entry.controller} at {entry.at_ms}: {len(entry.actions)} actions,"
        f" {len(entry.outcomes)} outcomes"
        for entry in evidence.decisions
        if len(entry.outcomes) < len(entry.actions)
    ]
    killed = evidence.killed
    found += [f"{it.told()}: untold" for it in untold(evidence) if pid_of(it.who) not in killed]
    return found


NO_DECISION_IS_LOST = Rule(
    "no-decision-is-lost",
    "Every decided action has its outcome in the journal, and every accepted write of a process"
    " that was not killed is told there.",
    _judge,
)
