"""The CloudView of controllers, kept by describe calls: on an interval and when somebody asks.

A refresh is all or nothing: where one call fails the view stays as it was, and grows stale.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.live.aws.activities import Activities
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.failures import AwsFailure
from kingtide.live.aws.groups import GroupReader, Selection
from kingtide.live.aws.instance_facts import InstanceFacts
from kingtide.live.aws.launch_settings import LaunchSettings
from kingtide.live.aws.oddities import Oddities

REFRESH_SECONDS = 5.0
"""Between two refreshes. Cluster Autoscaler's is 60; a failed launch then waits for it, which is
what the first on-demand request of an evening waits for too."""
SHORTEST_SECONDS = 1.0
"""Between two refreshes that are asked for: a describe call is about so much behind anyway."""
LONGEST_SECONDS = 60.0
"""Between two tries when calls fail again and again."""


class AwsView:
    """Groups and activities as last told; `groups` are the same values as long as they are equal.

    `clock` and `sleep` are of one time, by which it is kept and grows old: the cloud's own, which
    in a twin goes faster. `staleness_seconds` is the age of what is known: from before the last
    refresh that succeeded.
    """

    def __init__(
        self,
        client: AwsClient,
        selection: Selection,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        clock: Callable[[], float] = time.monotonic,
        changed: Callable[[], None] = lambda: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.oddities = Oddities()
        self.refreshes = 0
        self.failures = 0
        self.last_failure = ""
        facts = InstanceFacts(client, self.oddities, now_ms)
        settings = LaunchSettings(client, clock)
        self.reader = GroupReader(client, selection, facts, settings, self.oddities)
        self._activities = Activities(client, self.oddities, now_ms)
        self._clock = clock
        self._sleep = sleep
        self._changed = changed
        self._groups: dict[str, AutoScalingGroup] = {}
        self._as_of: float | None = None
        self._not_before = float("-inf")
        self._asked = asyncio.Event()

    @property
    def groups(self) -> Mapping[str, AutoScalingGroup]:
        """Auto Scaling groups by name, with their instances."""
        return self._groups

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        """Return a group's scaling activities that started at or after a time, oldest first.

        Known are those since the group last lacked instances.
        """
        return self._activities.since(group, since_ms)

    @property
    def is_synced(self) -> bool:
        """Whether a refresh has succeeded."""
        return self._as_of is not None

    @property
    def staleness_seconds(self) -> float:
        """How old the view may be, infinite before the first refresh."""
        return float("inf") if self._as_of is None else self._clock() - self._as_of

    def ask(self) -> None:
        """Have the view refreshed soon, because something was changed."""
        self._asked.set()

    def begin_anew(self) -> None:
        """Have everything be asked again; until then it is as if it never had been.

        What is under way now was asked too early.
        """
        self._not_before, self._as_of = self._clock(), None
        self.ask()

    async def refresh(self) -> None:
        """Ask AWS now.

        Raises:
            AwsFailure: a call failed; the view is as before.
        """
        began = self._clock()
        found = await self.reader.read()
        await self._activities.refresh(found)
        known = self._groups
        same = {name: known[name] for name, it in found.items() if known.get(name) == it}
        groups = {name: same.get(name, it) for name, it in found.items()}
        is_new = len(same) != len(groups) or len(known) != len(groups)
        self._groups = groups
        self._as_of = began if began >= self._not_before else None
        self.refreshes += 1
        if is_new:
            self._changed()

    async def run(self, every_seconds: float = REFRESH_SECONDS) -> None:
        """Keep the view until cancelled."""
        wait = every_seconds
        while True:
            self._asked.clear()
            try:
                await self.refresh()
                wait = every_seconds
            except AwsFailure as error:
                self.failures += 1
                self.last_failure = f"{type(error).__name__}: {error}"
                wait = min(2 * wait, max(LONGEST_SECONDS, every_seconds))
            shortest = min(SHORTEST_SECONDS, wait)
            await self._sleep(shortest)
            await self._asked_or_due(max(wait - shortest, 0))

    async def _asked_or_due(self, seconds: float) -> None:
        """Return when somebody asks for a refresh, or after so many seconds."""
        waits = [
            asyncio.ensure_future(self._asked.wait()),
            asyncio.ensure_future(self._sleep(seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
