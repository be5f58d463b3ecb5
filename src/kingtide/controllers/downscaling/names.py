"""Annotations: kube-downscaler's, which users have on their objects already, and our own.

Source: https://codeberg.org/hjacobs/kube-downscaler (README, 20.10.0) and
https://github.com/caas-team/py-kube-downscaler (README).
"""

from __future__ import annotations

from kingtide.control.scalable_index import FORCE_UPTIME
from kingtide.control.workload_change import KEDA_PAUSED_REPLICAS

UPTIME = "downscaler/uptime"
DOWNTIME = "downscaler/downtime"
UPSCALE_PERIOD = "downscaler/upscale-period"
DOWNSCALE_PERIOD = "downscaler/downscale-period"
DOWNTIME_REPLICAS = "downscaler/downtime-replicas"
GRACE_PERIOD = "downscaler/grace-period"
EXCLUDE = "downscaler/exclude"
EXCLUDE_UNTIL = "downscaler/exclude-until"
FORCE_DOWNTIME = "downscaler/force-downtime"

ORIGINAL_REPLICAS = "downscaler/original-replicas"
"""The marker: the size before the downtime. Whoever bears it was made smaller by a downscaler."""
ORIGINAL_PAUSE_REPLICAS = "downscaler/original-pause-replicas"
"""The pause that a ScaledObject had before the downtime."""

WAKE_UNTIL = "kingtide.dev/wake-until"
"""Our own: a time until which a workload, or all of a namespace, is up whatever its timetable."""
PRESCALED = "kingtide.dev/prescaled-min-replicas"
"""Another controller holds the floor of this HPA for an event to come."""

PARKED = "kube-downscaler-non-existent"
"""The node label that no node has: a DaemonSet that selects it has no pods."""

__all__ = [
    "DOWNSCALE_PERIOD",
    "DOWNTIME",
    "DOWNTIME_REPLICAS",
    "EXCLUDE",
    "EXCLUDE_UNTIL",
    "FORCE_DOWNTIME",
    "FORCE_UPTIME",
    "GRACE_PERIOD",
    "KEDA_PAUSED_REPLICAS",
    "ORIGINAL_PAUSE_REPLICAS",
    "ORIGINAL_REPLICAS",
    "PARKED",
    "PRESCALED",
    "UPSCALE_PERIOD",
    "UPTIME",
    "WAKE_UNTIL",
]
