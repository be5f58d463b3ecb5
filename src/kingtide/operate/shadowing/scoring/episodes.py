"""One thing that ours would have done, or the other did, from its beginning to its end."""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.aws.autoscaling import Lifecycle

RaiseEnd = Literal["both", "ours_alone", "theirs_alone", "cut_off"]
"""`both`: the other asked for the nodes as well. `ours_alone`: it never did, and ours stopped
wanting them. `theirs_alone`: ours would not have asked. `cut_off`: the shadow stopped before."""

RemovalEnd = Literal["both", "theirs_first", "taken_back", "gone", "cut_off"]
"""`both`: the other removed the node later. `theirs_first`: it did before ours would have.
`taken_back`: ours would have removed a node that was needed again. `gone`: it left by itself."""


class OpenRaise(msgspec.Struct, frozen=True, gc=False):
    """Nodes that ours want since `at_ms` and that the other has not asked for.

    `pods` are those that they are for. `wanted_ms` is when ours last wanted them.
    """

    at_ms: int
    group: str
    serves: str
    lifecycle: Lifecycle
    nodes: int
    pods: int
    wanted_ms: int
    price: int | None


class TheirRaise(msgspec.Struct, frozen=True, gc=False):
    """Nodes that the other asked for at `at_ms`, not yet compared with what ours want.

    `seen_ms` is when it was seen. `has_joined` says that nothing told when it asked: `at_ms` is
    when the nodes joined.
    """

    at_ms: int
    group: str
    serves: str
    lifecycle: Lifecycle
    nodes: int
    seen_ms: int
    price: int | None
    has_joined: bool = False


class Raise(msgspec.Struct, frozen=True, gc=False):
    """A closed comparison of one request for nodes.

    `lead_ms` is how much earlier ours would have asked, negative where the other was first, None
    where only one of the two asked or nothing tells. `pods` are those that the nodes are for.
    `micro_usd` is what ours would have cost more, estimated.
    """

    end: RaiseEnd
    at_ms: int
    group: str
    lifecycle: Lifecycle
    nodes: int
    pods: int = 0
    their_ms: int | None = None
    their_group: str = ""
    lead_ms: int | None = None
    micro_usd: int = 0


class OpenRemoval(msgspec.Struct, frozen=True, gc=False):
    """A node that ours would have removed at `at_ms` and that still stands.

    `by` is the controller. `price` is what the node costs an hour over what would stand in its
    place, None where that is unknown.
    """

    node: str
    by: str
    group: str
    at_ms: int
    price: int | None = None


class Removal(msgspec.Struct, frozen=True, gc=False):
    """A closed comparison of one node's removal; as of Raise.

    `is_bound` says that the lead is the least favourable one that is possible, not a measured one.
    """

    end: RemovalEnd
    at_ms: int
    node: str
    by: str
    group: str
    their_ms: int | None = None
    lead_ms: int | None = None
    micro_usd: int = 0
    is_bound: bool = False


HOUR_MS = 3_600_000


def cost(price: int | None, for_ms: int) -> int:
    """Return what a time costs in micro-USD, 0 where the price is unknown."""
    return 0 if price is None else price * for_ms // HOUR_MS
