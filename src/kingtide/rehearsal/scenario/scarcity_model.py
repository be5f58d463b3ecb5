"""What happens where CPU and memory run short, as a scenario writes it."""

from __future__ import annotations

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Bytes, DurationMs, Percent, PositiveCount, PositiveDurationMs


class MemoryUse(Written):
    """What a pod holds in memory; without it, what it requests, and nobody is killed."""

    base: Bytes
    """Always, while its containers run."""
    per_core: Bytes = 0
    """For each core it uses at the moment."""
    at_startup: Bytes = 0
    """On top, for the first `startupFor` of its containers: a cache that fills, a log that is
    replayed."""
    startup_for: DurationMs = 0
    """How long that lasts."""


class ReadinessProbe(Written):
    """The readiness probe of every pod; the defaults are Kubernetes'."""

    period: PositiveDurationMs = 10_000
    """Time between two probes."""
    failure_threshold: PositiveCount = 3
    """Failures in a row that take a pod out of service."""
    success_threshold: PositiveCount = 1
    """Successes in a row that put it back."""


class Contention(Written):
    """What a lack of CPU does to probes and nodes. The shares and times of nodes are judged."""

    slow_below: Percent = 50
    """A pod with less than this share of the CPU it wants answers no probe in time."""
    readiness_probe: ReadinessProbe = ReadinessProbe()
    """How pods are probed."""
    crowded_from: Percent = 150
    """A node whose pods want this share of its CPU or more is crowded."""
    node_not_ready_after: DurationMs = 40_000
    """A node crowded for so long stops reporting."""
    node_ready_after: DurationMs = 20_000
    """A node whose pods want no more than it has for so long reports again."""
