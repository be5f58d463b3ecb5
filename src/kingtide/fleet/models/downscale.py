"""When workloads run and when they are at rest."""

from __future__ import annotations

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import DurationMs


class DownscaleExclusions(Written):
    """What a downscale timetable leaves alone."""

    namespaces: tuple[str, ...] = ()
    """Namespaces left alone."""
    labels: dict[str, str] = {}
    """Workloads with one of these labels are left alone."""


class Downscale(Written):
    """When workloads run and when they are scaled to zero."""

    timezone: str
    """The timetable's zone, for example Europe/Paris."""
    uptime: tuple[str, ...]
    """Times of work, for example `Mon-Fri 07:30-20:00`."""
    grace_period: DurationMs | None = None
    """Workloads younger than this are left alone."""
    exclude: DownscaleExclusions = DownscaleExclusions()
    """What is left alone."""
