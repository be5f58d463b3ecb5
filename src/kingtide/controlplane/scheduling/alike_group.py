"""A group of nodes that are alike to a kind of pod."""

from __future__ import annotations

import msgspec

from kingtide.controlplane.scheduling.merits import Merits


class Group(msgspec.Struct, frozen=True, gc=False):
    """The facts that a group's nodes share: merits, a domain a topology, a count a source."""

    merits: Merits
    domains: tuple[int, ...]
    counts: tuple[int, ...]
