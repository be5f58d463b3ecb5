"""A plan: what changes, what that means, and every step that makes it so."""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.compile.plan.blocked_drains import BlockedDrain
from kingtide.compile.plan.fallbacks import WithoutFallback
from kingtide.compile.plan.instance_group import Role
from kingtide.compile.plan.pace import NO_TIME, Span
from kingtide.compile.plan.prices import Prices

PLAN_VERSION = 1
"""Of the file's form; a reader refuses any other."""

Change = Literal["added", "removed", "changed"]
ClusterChange = Literal["new", "changed", "unchanged", "left"]
"""`left`: the definition has no such cluster any more."""
Effect = Literal["created", "deleted", "rolls", "launches", "resized", "settings"]
"""What happens to an InstanceGroup (see effects)."""
Phase = Literal[
    "access",
    "desired state",
    "update control plane",
    "update",
    "gate",
    "roll control plane",
    "roll nodes",
    "replace object",
    "objects",
    "delete object",
    "drain group",
    "delete group",
    "prune",
    "validate",
]


class FieldChange(msgspec.Struct, frozen=True):
    """One field; values are a line of JSON each, None for a field that is not there."""

    path: str
    before: str | None
    after: str | None


class DocumentChange(msgspec.Struct, frozen=True):
    """One document; `fields` are empty for one that is added or removed."""

    change: Change
    api_version: str
    kind: str
    namespace: str
    name: str
    fields: tuple[FieldChange, ...] = ()


class Nodes(msgspec.Struct, frozen=True):
    """Instances at a group's minimum, on an ordinary evening, and at its maximum."""

    minimum: int = 0
    typical: int = 0
    maximum: int = 0

    def plus(self, other: Nodes) -> Nodes:
        """Return the sums."""
        return Nodes(
            self.minimum + other.minimum,
            self.typical + other.typical,
            self.maximum + other.maximum,
        )


class Spans(msgspec.Struct, frozen=True):
    """How long a roll takes with each of these numbers of instances."""

    minimum: Span = NO_TIME
    typical: Span = NO_TIME
    maximum: Span = NO_TIME

    def plus(self, other: Spans) -> Spans:
        """Return both, one after the other."""
        return Spans(
            self.minimum.plus(other.minimum),
            self.typical.plus(other.typical),
            self.maximum.plus(other.maximum),
        )


class GroupChange(msgspec.Struct, frozen=True):
    """What happens to one InstanceGroup.

    `reasons` are the fields that make it so, the Cluster's as `Cluster spec...`. `nodes` are those
    that are replaced, created or deleted, none for a change that leaves instances alone.
    `surge` and `unavailable` are its settings for its typical number of instances (its maximum
    where that is none); after `longest_seconds` a roll has ended, one way or the other.
    """

    name: str
    role: Role
    effect: Effect
    reasons: tuple[str, ...] = ()
    nodes: Nodes = Nodes()
    spans: Spans = Spans()
    surge: int = 0
    unavailable: int = 0
    longest_seconds: int = 0


class Step(msgspec.Struct, frozen=True):
    """One command, run in the cluster's folder of a plan's run.

    `gate`: nothing after it is done unless it succeeds; that holds for every step, a gate does
    nothing else. `attempts` bounds its tries. `always` steps are done again when a run is resumed.
    Every step can be repeated: what is done already stays as it is.
    """

    name: str
    phase: Phase
    command: tuple[str, ...]
    why: str
    timeout_seconds: int
    attempts: int = 1
    gate: bool = False
    always: bool = False


class ClusterPlan(msgspec.Struct, frozen=True):
    """One cluster's part; `after_kops` and `after_objects` are what its folder of a run holds.

    `before_kops` is what the state store must hold when it begins, empty for a new cluster.
    `refusals` say why it must not be carried out, `warnings` what to know before.
    """

    name: str
    full_name: str
    change: ClusterChange
    documents: tuple[DocumentChange, ...] = ()
    groups: tuple[GroupChange, ...] = ()
    blocked: tuple[BlockedDrain, ...] = ()
    without_fallback: tuple[WithoutFallback, ...] = ()
    prices_before: Prices = Prices()
    prices_after: Prices = Prices()
    steps: tuple[Step, ...] = ()
    warnings: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    before_kops: str = ""
    after_kops: str = ""
    after_objects: str = ""

    @property
    def rolling(self) -> tuple[GroupChange, ...]:
        """The groups whose instances are replaced, in kops' order."""
        return tuple(group for group in self.groups if group.effect == "rolls")

    @property
    def nodes(self) -> Nodes:
        """How many instances are replaced."""
        total = Nodes()
        for group in self.rolling:
            total = total.plus(group.nodes)
        return total

    @property
    def spans(self) -> Spans:
        """How long that takes, one group after the other."""
        total = Spans()
        for group in self.rolling:
            total = total.plus(group.spans)
        return total


class Side(msgspec.Struct, frozen=True):
    """One of the two fleets that were compared."""

    said_by: str
    digest: str


class FigureChange(msgspec.Struct, frozen=True):
    """One figure of a rehearsal under both fleets, on the same night; both as shown to people."""

    name: str
    title: str
    before: str
    after: str


class Rehearsed(msgspec.Struct, frozen=True):
    """What a rehearsal makes of the change."""

    scenario: str
    seed: int
    figures: tuple[FigureChange, ...]


class Plan(msgspec.Struct, frozen=True):
    """A plan for some clusters, those that are done first come first."""

    before: Side
    after: Side
    state_store: str
    clusters: tuple[ClusterPlan, ...]
    rehearsed: tuple[Rehearsed, ...] = ()
    version: int = PLAN_VERSION

    @property
    def has_changes(self) -> bool:
        """Whether anything would be different."""
        return any(cluster.change != "unchanged" for cluster in self.clusters)
