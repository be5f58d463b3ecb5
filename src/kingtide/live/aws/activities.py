"""DescribeScalingActivities as values: asked for where a group lacks instances, and until it ends.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Activity.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from kingtide.aws.activity_history import ActivityHistory
from kingtide.aws.autoscaling import ActivityStatus, AutoScalingGroup, ScalingActivity
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.described import Activity, milliseconds
from kingtide.live.aws.failures import AwsRefused
from kingtide.live.aws.oddities import Oddities
from kingtide.live.aws.reads import DESCRIBE_ACTIVITIES

LOOK_BACK_MS = 3_600_000
"""How far back a group's activities are read when it first lacks instances. Nothing is asked of
activities before a request, and no request is waited for so long."""
MAX_PAGES = 5
"""Of a hundred activities, newest first, a group and look: what is beyond is older."""

STATUSES: Mapping[str, ActivityStatus] = {
    "Successful": "Successful",
    "Failed": "Failed",
    "Cancelled": "Cancelled",
    **dict.fromkeys(
        (
            "InProgress",
            "MidLifecycleAction",
            "PendingSpotBidPlacement",
            "PreInService",
            "WaitingForConnectionDraining",
            "WaitingForELBConnectionDraining",
            "WaitingForInPlaceUpdateToStart",
            "WaitingForInPlaceUpdateToFinalize",
            "WaitingForInstanceId",
            "WaitingForInstanceWarmup",
            "WaitingForSpotInstanceId",
            "WaitingForSpotInstanceRequestId",
        ),
        "InProgress",
    ),
}


class Activities:
    """The activities of groups, as far as somebody needs them."""

    def __init__(self, client: AwsClient, oddities: Oddities, now_ms: Callable[[], int]) -> None:
        self._client = client
        self._oddities = oddities
        self._now_ms = now_ms
        self._histories: dict[str, ActivityHistory] = {}
        self._watched: dict[str, None] = {}

    def since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        """Return a group's known activities that started at or after a time, oldest first."""
        history = self._histories.get(group)
        return () if history is None else history.since(since_ms)

    async def refresh(self, groups: Mapping[str, AutoScalingGroup]) -> None:
        """Ask about groups that lack instances, and those whose activities have not ended.

        Raises:
            AwsFailure: a call fails.
        """
        for name in [it for it in self._histories if it not in groups]:
            del self._histories[name]
        lacking = {name: None for name, group in groups.items() if _lacks(group)}
        chosen = [name for name in groups if name in lacking or name in self._watched]
        reads = [asyncio.ensure_future(self._read(name)) for name in chosen]
        try:
            await asyncio.gather(*reads)
        finally:
            for it in reads:
                it.cancel()
        open_still = {name: None for name in chosen if self._is_open(name)}
        # A group that lacks nothing any more is looked at once again: its last launch is in it.
        self._watched = {**lacking, **open_still}

    async def _read(self, group: str) -> None:
        since_ms = self._since_ms(group)
        history = self._histories.setdefault(group, ActivityHistory())
        for activity in reversed(await self._newest_first(group, since_ms)):
            history.put(activity)  # of those of one instant the oldest stands first

    async def _newest_first(self, group: str, since_ms: int) -> list[ScalingActivity]:
        found: list[ScalingActivity] = []
        token: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            try:
                answer = await self._client.call(
                    DESCRIBE_ACTIVITIES, AutoScalingGroupName=group, **token
                )
            except AwsRefused as error:
                if error.code != "ValidationError":
                    raise
                break  # the group went away between two calls
            oldest_ms = None
            for raw in answer.get("Activities") or ():
                activity, oldest_ms = self._activity(raw, group), _start_ms(raw) or oldest_ms
                if activity is not None and activity.start_ms >= since_ms:
                    found.append(activity)
            token = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else {}
            if not token or (oldest_ms is not None and oldest_ms < since_ms):
                break
        return found

    def _since_ms(self, group: str) -> int:
        """Return how far back to read: to the oldest that is still open, or to the newest."""
        known = self.since(group, 0)
        if not known:
            return self._now_ms() - LOOK_BACK_MS
        return next((it.start_ms for it in known if it.end_ms is None), known[-1].start_ms)

    def _is_open(self, group: str) -> bool:
        after_ms = self._now_ms() - LOOK_BACK_MS
        return any(it.end_ms is None for it in self.since(group, after_ms))

    def _activity(self, raw: object, group: str) -> ScalingActivity | None:
        try:
            it = msgspec.convert(raw, Activity)
        except msgspec.ValidationError as error:
            self._oddities.note("ActivityUnreadable", f"{group}: {error}")
            return None
        status = STATUSES.get(it.status_code)
        if status is None:
            self._oddities.note("UnknownActivityStatus", f"{group}: {it.status_code}")
            return None
        return ScalingActivity(
            activity_id=it.activity_id,
            group=group,
            status=status,
            start_ms=milliseconds(it.start_time),
            end_ms=None if it.end_time is None else milliseconds(it.end_time),
            cause=it.cause,
            status_message=it.status_message,
            description=it.description,
        )


def _lacks(group: AutoScalingGroup) -> bool:
    return sum(not it.is_leaving for it in group.instances) < group.desired_capacity


def _start_ms(raw: object) -> int | None:
    try:
        return milliseconds(msgspec.convert(raw, Activity).start_time)
    except msgspec.ValidationError:
        return None
