"""The cloud without what the other has just asked for, so that ours say what they would ask.

Whoever raises a group first takes the other's reason away: ours would never be heard where the
other is faster by a second. A raised group is therefore shown as it was until ours have decided
once without the raise. To a controller this is a describe call that is some seconds old.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.control.snapshot import CloudView


class LateCloud:
    """Implements CloudView; what it shows changes in `show` alone."""

    def __init__(self, cloud: CloudView) -> None:
        self._cloud = cloud
        self._shown: dict[str, AutoScalingGroup] = {}

    @property
    def groups(self) -> Mapping[str, AutoScalingGroup]:
        """Groups by name, some of them as they were."""
        return self._shown

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        """Return a group's scaling activities, as they are."""
        return self._cloud.activities_since(group, since_ms)

    def show(self, hidden: Iterable[str]) -> None:
        """Show the present groups, but those named as they were when last shown."""
        late = dict.fromkeys(hidden)
        self._shown = {
            name: self._shown.get(name, it) if name in late else it
            for name, it in self._cloud.groups.items()
        }
