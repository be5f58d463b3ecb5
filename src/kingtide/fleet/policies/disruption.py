"""The disruption budgets of a cluster: how many nodes may be disrupted at once, when and why.

The form is Karpenter's: https://karpenter.sh/docs/concepts/disruption/#nodepool-disruption-budgets
(v1), so that budgets can be carried over as they are written.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.fleet.policies.bounds import PositiveSeconds

VoluntaryReason = Literal["Degraded", "Expired", "Underutilized", "Empty"]
"""Why we disrupt a node of our own will: it is ill, too old, little used, or empty."""


class DisruptionBudget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many nodes may be disrupted at once; of several active ones the smallest counts."""

    nodes: int | str = "10%"
    """A number of nodes or a percentage of all, rounded up. As large as Karpenter's default."""

    schedule: str | None = None
    """When it begins to hold, five fields of cron in UTC; none: it always holds."""

    duration_seconds: PositiveSeconds | None = None
    """How long it holds from there; written with a schedule, and only then."""

    reasons: tuple[VoluntaryReason, ...] = ()
    """What it counts for: Degraded, Expired, Underutilized, Empty; none: for all of them."""


class DisruptionPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The budgets that all controllers share for what they disrupt of their own will."""

    budgets: tuple[DisruptionBudget, ...] = ()
    """None: no limit but each controller's own, as Cluster Autoscaler and draino know no shared one
    either. What a spot interruption takes is never refused, but counts against the others."""
