"""What describe calls answer: groups and their activities, behind the truth by a latency."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kingtide.aws.activity_history import ActivityHistory
from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable

Picture = Callable[[], AutoScalingGroup]


class CloudDescription:
    """The CloudView of controllers: a frozen value a group, made anew when the group changed."""

    def __init__(self, engine: Engine, latencies: LatencyTable) -> None:
        self._engine = engine
        self._latencies = latencies
        self._groups: dict[str, AutoScalingGroup] = {}
        self._histories: dict[str, ActivityHistory] = {}
        self._pictured_ms: dict[str, int] = {}
        self._told_ms: dict[str, int] = {}
        self._changes: dict[str, int] = {}

    @property
    def groups(self) -> Mapping[str, AutoScalingGroup]:
        """Auto Scaling groups by name, with their instances (Terminating ones included)."""
        return self._groups

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        """Return a group's visible activities that started at or after a time, oldest first."""
        history = self._histories.get(group)
        return () if history is None else history.since(since_ms)

    def show_at_once(self, group: AutoScalingGroup) -> None:
        """Make a group known as it is when the world starts."""
        self._groups[group.name] = group
        self._histories[group.name] = ActivityHistory()
        self._told_ms[group.name] = self._engine.now_ms

    def group_changed(self, name: str, picture: Picture) -> None:
        """Show the group's state at the end of this instant, one `cloud.describe` later."""
        now_ms = self._engine.now_ms
        if self._pictured_ms.get(name) == now_ms:
            return
        self._pictured_ms[name] = now_ms
        self._engine.at(now_ms, EventClass.OBSERVATION, self._take_picture, name, picture)

    def activity_changed(self, activity: ScalingActivity, latency: str = "cloud.describe") -> None:
        """Show an activity after a latency drawn for it."""
        delay_ms = self._latencies.draw_ms(latency, activity.activity_id)
        self._engine.after(delay_ms, EventClass.OBSERVATION, self._show_activity, activity)

    def _take_picture(self, name: str, picture: Picture) -> None:
        now_ms = self._engine.now_ms
        self._pictured_ms.pop(name, None)
        number = self._changes[name] = self._changes.get(name, 0) + 1
        delay_ms = self._latencies.draw_ms("cloud.describe", name, number)
        self._engine.after(delay_ms, EventClass.OBSERVATION, self._show_group, now_ms, picture())

    def _show_group(self, pictured_ms: int, group: AutoScalingGroup) -> None:
        if pictured_ms >= self._told_ms[group.name]:
            self._told_ms[group.name] = pictured_ms
            self._groups[group.name] = group

    def _show_activity(self, activity: ScalingActivity) -> None:
        self._histories[activity.group].put(activity)
