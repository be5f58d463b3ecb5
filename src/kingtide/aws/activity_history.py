"""A group's scaling activities as a describe call would list them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from kingtide.aws.autoscaling import ScalingActivity

# AWS keeps six weeks. A rehearsal reads back minutes; a night that adds and removes a thousand
# nodes in a group writes 2,000 activities, and this is twice that.
ACTIVITIES_KEPT = 4_096


class ActivityHistory:
    """Activities by start time; what is older than the newest `ACTIVITIES_KEPT` is forgotten."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._activities: list[ScalingActivity] = []

    def put(self, activity: ScalingActivity) -> None:
        """Add an activity, or replace the one of the same id; an ended one stays ended."""
        starts, activities = self._starts, self._activities
        at = bisect_left(starts, activity.start_ms)
        while at < len(starts) and starts[at] == activity.start_ms:
            if activities[at].activity_id == activity.activity_id:
                if activities[at].end_ms is None:
                    activities[at] = activity
                return
            at += 1
        starts.insert(at, activity.start_ms)
        activities.insert(at, activity)
        if len(starts) > 2 * ACTIVITIES_KEPT:
            del starts[:-ACTIVITIES_KEPT], activities[:-ACTIVITIES_KEPT]

    def since(self, since_ms: int) -> Sequence[ScalingActivity]:
        """Return the activities that started at or after a time, oldest first."""
        starts = self._starts
        if not starts or starts[-1] < since_ms:
            return ()
        return self._activities[bisect_left(starts, since_ms) :]
