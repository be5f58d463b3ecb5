"""Nothing is done twice: pods, instances and messages go once."""

from __future__ import annotations

from collections.abc import Mapping

from disturbances.audit import Write
from disturbances.rules.rule import Evidence, Rule


def _evicted(write: Write) -> str:
    """Return the uid of the pod that a write sends away, empty where it sends none."""
    if not isinstance(write.sent, Mapping):
        return ""
    if write.resource == "pods/eviction":
        options = write.sent.get("deleteOptions") or {}
    elif write.resource == "pods" and write.verb == "delete":
        options = write.sent
    else:
        return ""
    return str((options.get("preconditions") or {}).get("uid", ""))


def _ended(write: Write) -> str:
    """Return the instance that a write terminates, empty where it terminates none."""
    if write.verb != "TerminateInstanceInAutoScalingGroup":
        return ""
    return str(write.sent.get("InstanceId", ""))


def _judge(evidence: Evidence) -> list[str]:
    found: list[str] = []
    done: dict[str, Write] = {}
    for write in evidence.decided:
        what = _evicted(write) or _ended(write)
        if not what or not write.accepted:
            continue
        if what in done:
            found.append(f"{write.told()}, as before: {done[what].told()}")
        done.setdefault(what, write)
    return found


def _unconditional(evidence: Evidence) -> list[str]:
    gone = ("pods/eviction", "pods")
    return [
        f"{write.told()}, whichever pod has that name"
        for write in evidence.decided
        if write.resource in gone
        and (write.verb == "delete" or write.resource == "pods/eviction")
        and not _evicted(write)
    ]


NOTHING_IS_DONE_TWICE = Rule(
    "nothing-is-done-twice",
    "No pod's uid is evicted or deleted, and no instance terminated, by a second accepted write.",
    _judge,
)
EVICTIONS_NAME_THEIR_POD = Rule(
    "evictions-name-their-pod",
    "Every eviction and deletion of a pod bears the uid of the one it was decided on.",
    _unconditional,
)
