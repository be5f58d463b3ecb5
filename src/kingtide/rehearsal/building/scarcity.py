"""What happens where CPU and memory run short, from a scenario's words."""

from __future__ import annotations

from kingtide.rehearsal.scenario import scarcity_model
from kingtide.twin.definition import Contention, MemoryUse


def memory_use(written: scarcity_model.MemoryUse | None) -> MemoryUse | None:
    """Return what a pod holds in memory, None where nothing is said."""
    if written is None:
        return None
    return MemoryUse(written.base, written.per_core, written.at_startup, written.startup_for)


def contention(written: scarcity_model.Contention | None) -> Contention | None:
    """Return what a lack of CPU does, None where it only slows pods."""
    if written is None:
        return None
    probe = written.readiness_probe
    return Contention(
        slow_below_percent=written.slow_below,
        probe_period_ms=probe.period,
        failure_threshold=probe.failure_threshold,
        success_threshold=probe.success_threshold,
        crowded_percent=written.crowded_from,
        node_not_ready_after_ms=written.node_not_ready_after,
        node_ready_after_ms=written.node_ready_after,
    )
