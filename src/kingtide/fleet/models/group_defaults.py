"""What applications of one group start from."""

from __future__ import annotations

from typing import Literal

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Count, Percent, PositiveCount


class GroupHpa(Written):
    """Defaults of HorizontalPodAutoscalers of a group's applications."""

    target: Percent | None = None
    """Mean CPU utilization aimed at, as `0.7` or `70%` of what pods request."""
    min: PositiveCount | None = None
    """Fewest replicas."""
    max: PositiveCount | None = None
    """Most replicas."""
    peak_rise: Percent | None = None
    """How much demand may rise before a new pod is ready, as `55%`: what the target must leave
    room for."""


class GroupDns(Written):
    """Name resolution of a group's pods."""

    policy: Literal["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"] = "ClusterFirst"
    """dnsPolicy."""
    ndots: Count | None = None
    """The `ndots` option; when absent, the cluster's."""
