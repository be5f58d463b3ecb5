"""What node_autoscaling remembers between two passes; losing it is safe.

After a loss the groups' desired capacities still say what was asked for, the taints on nodes what
is being removed; back-offs, failing pools and unneeded times start again, which delays and never
endangers.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.node_autoscaling.backoff import Backoffs
from kingtide.controllers.node_autoscaling.candidates import NO_CANDIDATES, Candidates
from kingtide.controllers.node_autoscaling.capacity_failure import ProviderCaches
from kingtide.controllers.node_autoscaling.capacity_pools import FailedPools
from kingtide.controllers.node_autoscaling.priorities import Priorities, read_priorities
from kingtide.controllers.node_autoscaling.reclaims import ReclaimsMs
from kingtide.controllers.node_autoscaling.removal import Removal
from kingtide.controllers.node_autoscaling.scale_down import Pauses
from kingtide.controllers.node_autoscaling.snapshot import EMPTY_VIEW, FleetView
from kingtide.controllers.node_autoscaling.upcoming import NOTHING_UPCOMING, Upcoming


class ReadPriorities(msgspec.Struct, frozen=True):
    """The ConfigMap's text (None: there is none) and what it says."""

    text: str | None
    priorities: Priorities


class NodeAutoscalingMemory(msgspec.Struct, frozen=True):
    """A value: every pass makes a new one and shares what did not change.

    `said` is the last verdict's code by subject, so that only changes are reported; `workloads` are
    those whose pods waited in the last pass.
    """

    fleet: FleetView = EMPTY_VIEW
    upcoming: Upcoming = NOTHING_UPCOMING
    backoffs: Backoffs = {}
    failed_pools: FailedPools = {}
    reclaims_ms: ReclaimsMs = {}
    caches: ProviderCaches = ProviderCaches()
    candidates: Candidates = NO_CANDIDATES
    removals: Mapping[str, Removal] = {}
    pauses: Pauses = Pauses()
    priorities: ReadPriorities = ReadPriorities(None, read_priorities(None))
    said: Mapping[str, str] = {}
    workloads: tuple[str, ...] = ()
