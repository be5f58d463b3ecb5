"""Nobody changes anything after another leads."""

from __future__ import annotations

from collections.abc import Mapping

from disturbances.audit import Write
from disturbances.rules.rule import Evidence, Rule

LEASE = "kingtide"


def holder_after(write: Write) -> str | None:
    """Return who holds the Lease once a write was taken, None where it is no write of that."""
    if not write.accepted or write.is_cloud or write.about[0] != "leases":
        return None
    if write.about[2] != LEASE or not isinstance(write.sent, Mapping):
        return None
    holder = (write.sent.get("spec") or {}).get("holderIdentity")
    return None if holder is None else str(holder)


def terms(evidence: Evidence) -> list[tuple[int, str]]:
    """Return who led from which write on."""
    found: list[tuple[int, str]] = []
    for write in evidence.writes:
        holder = holder_after(write)
        if holder and (not found or found[-1][1] != holder):
            found.append((write.number, holder))
    return found


def _judge(evidence: Evidence) -> list[str]:
    found, holder = [], ""
    ours = {it.number for it in evidence.decided}
    for write in evidence.writes:
        told = holder_after(write)
        if told is not None:
            holder = told
        if write.number in ours and write.accepted and write.who != holder:
            found.append(f"{write.told()}, while {holder or 'nobody'} leads")
    return found


ONLY_THE_LEADER_WRITES = Rule(
    "only-the-leader-writes",
    "No write of a decision is accepted of a process after another one has taken the Lease, or"
    " after it gave the Lease back itself.",
    _judge,
)
