"""Keeps HAProxy as the cluster asks: endpoints at once, reloads apart, and a look for drift."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from kingtide.controllers.ingress.compose import Composed
from kingtide.controllers.ingress.told import IngressReport
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.live.haproxy.process import ConfigurationRefused
from kingtide.live.haproxy.proxy import Brought, Proxy
from kingtide.live.haproxy.runtime import RuntimeFailed
from kingtide.operate.ingress.metrics import IngressMetrics, Loaded, Sort
from kingtide.operate.ingress.sight import Changes, TrafficSight
from kingtide.operate.ingress.wishes import Wished, Wishes
from kingtide.operate.running.logs import DecisionLog

GATHER_SECONDS = 0.02
"""After the first change others are waited for: a rollout changes slices in bursts, and a fifth of
the 100 ms that a change may take is cheap for one bring instead of ten."""
LOOK_SECONDS = 5.0
"""Between two comparisons with all that HAProxy has, as haproxytech's controller syncs."""
ALIVE_SECONDS = 0.1
"""Between two looks whether HAProxy lives; one is the reading of two files of /proc."""
MAX_WAITING = 1_000
"""Changes whose time is still to be told; beyond that the oldest are not."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 5.0
"""Between tries of what failed, doubling."""

Told = Callable[[Composed, Mapping[str, str]], None]
"""Told of what was composed, and of backends that HAProxy refuses, when either changed."""


class Keeping:
    """The loop. `wake` has it look at once; `policy` may be exchanged at any time."""

    def __init__(
        self,
        proxy: Proxy,
        policy: IngressPolicy,
        metrics: IngressMetrics,
        log: DecisionLog,
        told: Told,
    ) -> None:
        self.policy = policy
        self.beat: Callable[[], None] = lambda: None
        self.is_serving = False
        self._proxy = proxy
        self._metrics = metrics
        self._log = log
        self._told = told
        self._wishes = Wishes()
        self._closed: Mapping[str, str] = {}
        self._reports: tuple[IngressReport, ...] | None = None
        self._is_crashed = False
        self._woken = asyncio.Event()
        self._due: dict[str, float] = {}
        """When the whole is looked at again at the latest, by why; monotonic."""
        self._may_reload_at = 0.0
        self._wait_seconds = FIRST_WAIT_SECONDS
        self._waiting: list[tuple[Sort, float]] = []

    def wake(self) -> None:
        """Have it look: something changed."""
        self._woken.set()

    def compose_anew(self) -> None:
        """Have everything composed again: the settings changed."""
        self._wishes.composed = None
        self._due["settings"] = 0.0
        self.wake()

    async def run(self, sight: TrafficSight) -> None:
        """Keep HAProxy until cancelled."""
        if await self._resumed():
            self._log.note("HAProxy serves what it served last; the cluster is not known yet")
        while sight.unlisted:
            self.beat()
            await asyncio.sleep(GATHER_SECONDS)
        alive = asyncio.ensure_future(self._watch_over())
        try:
            while True:
                await self._keep(sight.take())
                self.beat()
                await self._next()
        finally:
            alive.cancel()

    async def _resumed(self) -> bool:
        try:
            is_resumed = await self._proxy.resume()
        except RuntimeFailed as error:
            self._log.warn("HAProxy does not answer", why=str(error)[:500])
            return False
        self.is_serving = self._proxy.process.is_running
        return is_resumed

    async def _watch_over(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_SECONDS)
            if self.is_serving and not self._proxy.process.is_running:
                self.is_serving = False
                self._is_crashed = True
                self._due["crash"] = 0.0
                self._log.warn("HAProxy has ended; it is started again")
                self.wake()

    async def _next(self) -> None:
        """Wait for a change and for what comes with it, or for a look that is due."""
        seconds = min(self._due.values()) - time.monotonic()
        if seconds > 0 and not self._woken.is_set():
            try:
                await asyncio.wait_for(self._woken.wait(), seconds)
            except TimeoutError:
                return
        if self._woken.is_set():
            await asyncio.sleep(GATHER_SECONDS)
        self._woken.clear()

    async def _keep(self, changes: Changes) -> None:
        """Bring HAProxy to what is wished for now: all of it where that is due."""
        now = time.monotonic()
        wished = self._wishes.take(changes, self.policy, now)
        because = tuple(why for why, at in self._due.items() if at <= now)
        if changes.arrived_at is not None:
            sort: Sort = "routes" if wished.backends is None else "endpoints"
            self._waiting.append((sort, changes.arrived_at))
            del self._waiting[:-MAX_WAITING]
        reason = self._reason()
        is_whole = bool(because) or wished.backends is None or not self._due
        try:
            brought = await self._bring(wished, is_whole=is_whole, is_due=bool(because), now=now)
        except ConfigurationRefused as error:
            self._metrics.refused()
            self._metrics.loaded(reason, is_done=False)
            self._may_reload_at = now + self.policy.reload_interval_seconds
            self._fail("HAProxy refuses the configuration; the old one serves on", error)
            return
        except (RuntimeFailed, OSError) as error:
            self._metrics.failed()
            self._fail("HAProxy did not take a change", error)
            return
        if brought.is_loaded:
            self._loaded(brought, reason)
        is_drift = because == ("look",) and changes.arrived_at is None and not self._waiting
        if is_drift and (brought.changes or brought.is_loaded):
            self._metrics.drifted()
            self._log.warn("HAProxy was changed by somebody else", changes=brought.changes)
        self._settled(brought, is_due=bool(because) or not self._due)

    async def _bring(self, wished: Wished, *, is_whole: bool, is_due: bool, now: float) -> Brought:
        if not is_whole and wished.backends is not None:
            return await self._proxy.bring_servers(wished.desired, wished.backends)
        may_reload = now >= self._may_reload_at
        brought = await self._proxy.bring(wished.desired, may_reload=may_reload, is_whole=is_due)
        if is_due and not brought.waits and not brought.is_loaded and not self._woken.is_set():
            await self._proxy.keep_files()
        return brought

    def _reason(self) -> Loaded:
        if self._proxy.process.is_running:
            return "structure"
        return "crash" if self._is_crashed else "start"

    def _loaded(self, brought: Brought, reason: Loaded) -> None:
        self._metrics.loaded(reason, is_done=True)
        self._log.note("HAProxy is loaded", reason=reason, changes=brought.changes)
        self._may_reload_at = time.monotonic() + self.policy.reload_interval_seconds
        self._is_crashed = False

    def _settled(self, brought: Brought, *, is_due: bool) -> None:
        """Note what was done, and when the next look is due."""
        now = time.monotonic()
        self._metrics.changed(brought.changes, len(brought.refused))
        self.is_serving = True
        self._wait_seconds = FIRST_WAIT_SECONDS
        if is_due:
            self._due = {"look": now + LOOK_SECONDS}
        if brought.waits:
            self._due["reload"] = max(self._may_reload_at, now)
        believes_at = self._wishes.believes_at()
        if believes_at is not None:
            self._due["belief"] = believes_at
        left: list[tuple[Sort, float]] = []
        for sort, arrived_at in self._waiting:
            if "reload" in self._due and sort != "endpoints":
                left.append((sort, arrived_at))
            else:
                self._metrics.arrived("structure" if brought.is_loaded else sort, now - arrived_at)
        self._waiting = left
        self._tell(brought.closed)

    def _fail(self, text: str, error: Exception) -> None:
        """Have all of it tried again, later each time."""
        self._log.warn(text, why=str(error)[:2000])
        self._due = {"failure": time.monotonic() + self._wait_seconds}
        self._wait_seconds = min(2 * self._wait_seconds, LONGEST_WAIT_SECONDS)
        self._tell(self._closed)

    def _tell(self, closed: Mapping[str, str]) -> None:
        composed = self._wishes.composed
        self._metrics.stands(closed=len(closed), doubted=len(self._wishes.doubted))
        if composed is None or (composed.reports is self._reports and closed == self._closed):
            return
        self._reports, self._closed = composed.reports, closed
        self._told(composed, closed)
