"""A cluster's timetable (`downscale:` in its file) as settings of downscaling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kingtide.fleet.models.downscale import Downscale

KINDS = ("Deployment", "StatefulSet", "CronJob")
"""What a cluster's timetable is about: everything that runs pods by itself and can be at rest."""


def downscaling_settings(downscale: Downscale) -> Mapping[str, Any]:
    """Return the fields of DownscalingPolicy that a cluster's timetable sets.

    Each stretch of its uptime gets the timetable's zone; names and labels are taken literally.
    """
    fields: dict[str, Any] = {
        "uptime": ",".join(f"{stretch} {downscale.timezone}" for stretch in downscale.uptime),
        "default_timezone": downscale.timezone,
        "kinds": KINDS,
        "excluded_namespaces": ("kube-system", *map(re.escape, downscale.exclude.namespaces)),
        "excluded_labels": tuple(
            f"{re.escape(key)}={re.escape(value)}"
            for key, value in downscale.exclude.labels.items()
        ),
    }
    if downscale.grace_period is not None:
        fields["grace_period_seconds"] = downscale.grace_period // 1000
    return fields
