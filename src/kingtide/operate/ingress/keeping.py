"""Keeps HAProxy as the cluster asks: endpoints at once, reloads apart, and a look for drift."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Mapping

from kingtide.controllers.ingress.compose import Composed
from kingtide.controllers.ingress.rendering.external_auth import is_used
from kingtide.controllers.ingress.told import IngressReport
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.live.haproxy.process import ConfigurationRefused
from kingtide.live.haproxy.proxy import Brought, Proxy
from kingtide.live.haproxy.runtime import NoAnswer, RuntimeFailed
from kingtide.operate.ingress.agenda import LONGEST_WAIT_SECONDS, Agenda, Why
from kingtide.operate.ingress.auth_keeping import AuthKeeping
from kingtide.operate.ingress.metrics import IngressMetrics, Loaded, Sort
from kingtide.operate.ingress.sight import Changes, TrafficSight
from kingtide.operate.ingress.wishes import Wished, Wishes
from kingtide.operate.running.logs import DecisionLog

GATHER_SECONDS = 0.02
"""After the first change others are waited for: a rollout changes slices in bursts, and a fifth of
the 100 ms that a change may take is cheap for one bring instead of ten."""
ALIVE_SECONDS = 0.1
"""Between two looks whether HAProxy lives; one is the reading of two files of /proc."""
MAX_WAITING = 1_000
"""Changes whose time is still to be told; beyond that the oldest are not."""
MAX_WORDS = 2_000
"""Of HAProxy's in a line of the log."""

Told = Callable[[Composed, Mapping[str, str]], None]
"""Told of what was composed, and of backends that HAProxy refuses, when either changed."""


class Keeping:
    """The loop. `wake` has it look at once; `policy` may be exchanged at any time."""

    def __init__(
        self,
        proxy: Proxy,
        auth: AuthKeeping,
        policy: IngressPolicy,
        metrics: IngressMetrics,
        log: DecisionLog,
        told: Told,
    ) -> None:
        self.policy = policy
        self.beat: Callable[[], None] = lambda: None
        self.is_serving = False
        self._proxy = proxy
        self._auth = auth
        self._metrics = metrics
        self._log = log
        self._told = told
        self._wishes = Wishes()
        self._agenda = Agenda()
        self._closed: Mapping[str, str] = {}
        self._left_out: Mapping[str, str] = {}
        self._reports: tuple[IngressReport, ...] | None = None
        self._is_crashed = False
        self._woken = asyncio.Event()
        self._waiting: list[tuple[Sort, float]] = []

    def wake(self) -> None:
        """Have it look: something changed."""
        self._woken.set()

    def compose_anew(self) -> None:
        """Have everything composed again: the settings changed."""
        self._wishes.composed = None
        self._agenda.ask("settings")
        self.wake()

    async def run(self, sight: TrafficSight) -> None:
        """Keep HAProxy until cancelled."""
        await self._serve_until_listed(sight)
        alive = asyncio.ensure_future(self._watch_over())
        try:
            while True:
                await self._keep_or_tell(sight.take())
                self.beat()
                await self._next()
        finally:
            alive.cancel()

    async def _serve_until_listed(self, sight: TrafficSight) -> None:
        """Have HAProxy serve what it served last, also if it dies meanwhile."""
        tries_at = 0.0
        while sight.unlisted:
            self.beat()
            now = time.monotonic()
            if not self._proxy.process.is_running and now >= tries_at:
                tries_at = now + LONGEST_WAIT_SECONDS
                await self._resume()
            self.is_serving = self._proxy.process.is_running
            await asyncio.sleep(GATHER_SECONDS)

    async def _resume(self) -> None:
        try:
            if await self._proxy.resume():
                self._log.note("HAProxy serves what it served last; the cluster is not known yet")
        except (RuntimeFailed, OSError) as error:
            self._log.warn("HAProxy does not start", why=str(error)[:MAX_WORDS])

    async def _watch_over(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_SECONDS)
            if self.is_serving and not self._proxy.process.is_running:
                self.is_serving = False
                self._is_crashed = True
                self._agenda.ask("crash")
                self._log.warn("HAProxy has ended; it is started again")
                self.wake()

    async def _next(self) -> None:
        """Wait for a change and for what comes with it, or for a look that is due."""
        seconds = self._agenda.seconds_left(time.monotonic())
        if seconds > 0 and not self._woken.is_set():
            try:
                await asyncio.wait_for(self._woken.wait(), seconds)
            except TimeoutError:
                return
        if self._woken.is_set():
            await asyncio.sleep(GATHER_SECONDS)
        self._woken.clear()

    async def _keep_or_tell(self, changes: Changes) -> None:
        try:
            await self._keep(changes)
        except Exception:  # noqa: BLE001 (a defect that one object meets must not end what serves)
            self._wishes.composed = None
            self._metrics.failed()
            self._agenda.failed(time.monotonic())
            where = traceback.format_exc()[-MAX_WORDS:]
            self._log.warn("a defect: what is served stays as it is", where=where)

    async def _keep(self, changes: Changes) -> None:
        """Bring HAProxy to what is wished for now: all of it where that is due."""
        now = time.monotonic()
        because = self._agenda.due(now)
        is_due = bool(because) or self._agenda.is_new
        wished = self._wishes.take(changes, self.policy, now)
        if changes.arrived_at is not None:
            sort: Sort = "routes" if wished.backends is None else "endpoints"
            self._waiting.append((sort, changes.arrived_at))
            del self._waiting[:-MAX_WAITING]
        reason = self._reason()
        try:
            brought = await self._bring(wished, is_due=is_due, now=now)
        except ConfigurationRefused as error:
            self._refused(error, reason)
        except NoAnswer as error:
            self._failed(error)
            if self._agenda.unanswered(now, time.monotonic()):
                self._log.warn("HAProxy answers nothing; it is ended, and another is started")
                await self._proxy.process.give_up()
        except (RuntimeFailed, OSError) as error:
            self._failed(error)
        else:
            if brought.is_loaded:
                self._loaded(brought, reason)
            if self._is_drift(brought, because, changes):
                self._metrics.drifted()
                self._log.warn("HAProxy was changed by somebody else", changes=brought.changes)
            self._settled(brought, was_whole=is_due)

    async def _bring(self, wished: Wished, *, is_due: bool, now: float) -> Brought:
        if not is_due and wished.backends is not None:
            return await self._proxy.bring_servers(wished.desired, wished.backends)
        if is_used(wished.desired):
            await self._auth.up()
        may_reload = self._agenda.may_reload(now)
        brought = await self._proxy.bring(wished.desired, may_reload=may_reload, is_whole=is_due)
        if is_due and not brought.waits and not brought.is_loaded and not self._woken.is_set():
            await self._proxy.keep_files()
        return brought

    def _is_drift(self, brought: Brought, because: tuple[Why, ...], changes: Changes) -> bool:
        """Return whether a look found what nobody here asked for."""
        is_mere_look = because == ("look",) and changes.arrived_at is None and not self._waiting
        return is_mere_look and (bool(brought.changes) or brought.is_loaded)

    def _reason(self) -> Loaded:
        if self._proxy.process.is_running:
            return "structure"
        return "crash" if self._is_crashed else "start"

    def _loaded(self, brought: Brought, reason: Loaded) -> None:
        self._metrics.loaded(reason, is_done=True)
        self._log.note("HAProxy is loaded", reason=reason, changes=brought.changes)
        self._agenda.reloads_until(time.monotonic() + self.policy.reload_interval_seconds)
        self._is_crashed = False

    def _settled(self, brought: Brought, *, was_whole: bool) -> None:
        """Note what was done, and when the next look is due."""
        now = time.monotonic()
        self._metrics.changed(brought.changes, len(brought.refused))
        self.is_serving = self._proxy.process.is_running
        believes_at = self._wishes.believes_at()
        self._agenda.settled(now, was_whole=was_whole, waits=brought.waits, believes_at=believes_at)
        left: list[tuple[Sort, float]] = []
        for sort, arrived_at in self._waiting:
            if self._agenda.awaits_reload and sort != "endpoints":
                left.append((sort, arrived_at))
            else:
                self._metrics.arrived("structure" if brought.is_loaded else sort, now - arrived_at)
        self._waiting = left
        self._tell_left_out(brought.left_out)
        self._tell(brought.closed)

    def _tell_left_out(self, left_out: Mapping[str, str]) -> None:
        for section, said in left_out.items():
            if self._left_out.get(section) != said:
                self._metrics.refused()
                text = "HAProxy refuses lines of the ConfigMap; those of before stand"
                self._log.warn(text, section=section, why=said[:MAX_WORDS])
        self._left_out = left_out

    def _refused(self, error: ConfigurationRefused, reason: Loaded) -> None:
        self._metrics.refused()
        self._metrics.loaded(reason, is_done=False)
        now = time.monotonic()
        self._agenda.reloads_until(now + self.policy.reload_interval_seconds)
        self._agenda.failed(now)
        runs = self._proxy.process.is_running
        what = "refuses the configuration; the old one serves on" if runs else "does not start"
        self._log.warn(f"HAProxy {what}", why=str(error)[:MAX_WORDS])
        self._tell(self._closed)

    def _failed(self, error: RuntimeFailed | OSError) -> None:
        """Have all of it tried again, later each time."""
        self._metrics.failed()
        self._agenda.failed(time.monotonic())
        is_ours = isinstance(error, OSError)
        what = "files cannot be written or read" if is_ours else "HAProxy did not take a change"
        self._log.warn(what, why=str(error)[:MAX_WORDS])
        self._tell(self._closed)

    def _tell(self, closed: Mapping[str, str]) -> None:
        composed = self._wishes.composed
        self._metrics.stands(closed=len(closed), doubted=len(self._wishes.doubted))
        if composed is None or (composed.reports is self._reports and closed == self._closed):
            return
        self._reports, self._closed = composed.reports, closed
        self._told(composed, closed)
