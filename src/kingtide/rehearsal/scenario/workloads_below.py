"""Workloads of a fleet's manifests, in the form in which a scenario writes applications."""

from __future__ import annotations

import msgspec

from kingtide.fleet.documents.tree import Map


class Workloads(msgspec.Struct, frozen=True):
    """Applications and DaemonSets by name, as trees; None where there are no manifests."""

    applications: Map | None = None
    daemon_sets: Map | None = None


NO_WORKLOADS = Workloads()
"""Of a fleet without manifests."""
