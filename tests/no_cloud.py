"""A cloud that nobody may look at, for controllers that have no business there."""

from __future__ import annotations

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity


class NoCloud:
    """Implements CloudView; looking at it is a defect."""

    @property
    def groups(self) -> dict[str, AutoScalingGroup]:
        """Nothing may ask for it."""
        raise AssertionError("no group is looked at")

    def activities_since(self, group: str, since_ms: int) -> list[ScalingActivity]:
        """Nothing may ask for it."""
        raise AssertionError(group, since_ms)
