"""Claims that controllers write on a Node: who empties it, and whose pods need another place.

They are what survives a restart. A disruption claim says who empties the node, so that two
controllers never do; a capacity claim says that the pods of the node will need room elsewhere,
which node_autoscaling counts as demand. Both are annotations with a JSON value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import msgspec

DISRUPTION_CLAIM = "kingtide.dev/disruption-claim"
CAPACITY_CLAIM = "kingtide.dev/capacity-claim"

DisruptionReason = Literal["Interrupted", "Degraded", "Expired", "Underutilized", "Empty"]
"""Why a node is emptied: the cloud takes it, it is ill, it is too old, or it is not needed."""

Attempt = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
"""A million attempts of a minute are two years: what is beyond, nobody has counted."""


class DisruptionClaim(msgspec.Struct, frozen=True, gc=False):
    """Who empties a node and since when; `attempt` counts from 1.

    `not_before_ms` is set while the owner rests between two attempts: the node is then not being
    emptied, and counts against no budget unless it is cordoned, until the owner writes its claim
    anew without it. `deadline_ms` is when the machine goes away whatever happens, None where nobody
    said.
    """

    by: str
    reason: DisruptionReason
    since_ms: int
    attempt: Attempt = 1
    not_before_ms: int | None = None
    deadline_ms: int | None = None

    @property
    def rests(self) -> bool:
        """Whether the owner rests, or may begin again and has not yet."""
        return self.not_before_ms is not None


class CapacityClaim(msgspec.Struct, frozen=True, gc=False):
    """Who needs the room of this node's pods elsewhere, and by when (None: no hurry).

    `lifecycle` is what the room has to be: a reclaimed on-demand node asks for `spot`, an
    interrupted one for `any`. `until_ms` is the last moment at which anybody is to make room for
    it, None for as long as it stands: a claimant that died gives nothing back. Once the claimant
    empties the node it needs the room, whatever the time.
    """

    by: str
    since_ms: int
    needed_by_ms: int | None = None
    lifecycle: Literal["any", "spot"] = "any"
    until_ms: int | None = None


C = TypeVar("C", DisruptionClaim, CapacityClaim)


def write_claim(claim: DisruptionClaim | CapacityClaim) -> str:
    """Return the annotation's value."""
    return msgspec.json.encode(claim).decode()


def disruption_claim(annotations: Mapping[str, str]) -> DisruptionClaim | None:
    """Return a node's disruption claim, None where it has none that can be read.

    A value that somebody spoilt is no claim: its owner writes it anew.
    """
    return _read(annotations.get(DISRUPTION_CLAIM), DisruptionClaim)


def capacity_claim(annotations: Mapping[str, str]) -> CapacityClaim | None:
    """Return a node's capacity claim, None where it has none that can be read."""
    return _read(annotations.get(CAPACITY_CLAIM), CapacityClaim)


def may_write_disruption(
    annotations: Mapping[str, str], claim: DisruptionClaim, displaces: str = ""
) -> bool:
    """Return whether a node with these annotations takes a disruption claim.

    It does if it bears none, the claimant's own, or one by `displaces`.
    """
    held = disruption_claim(annotations)
    return held is None or held.by in (claim.by, displaces)


def may_write_capacity(annotations: Mapping[str, str], claim: CapacityClaim) -> bool:
    """Return whether a node with these annotations takes a capacity claim.

    It does if it bears none, the claimant's own, or one by a claimant whose disruption claim the
    writer has displaced: the room is then the writer's business.
    """
    held = capacity_claim(annotations)
    if held is None or held.by == claim.by:
        return True
    emptier = disruption_claim(annotations)
    return emptier is not None and emptier.by == claim.by


def _read(text: str | None, kind: type[C]) -> C | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
