"""Puts the ingress controller's process together: cluster, HAProxy, statuses, health, the end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from kingtide.controllers.ingress.compose import Composed
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.told import Problem
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.ingress_settings import ingress_policy
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import Ingress
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.live.external_auth.process import AuthAgent
from kingtide.live.haproxy.proxy import Proxy
from kingtide.live.kubernetes.events.recorder import EventRecorder
from kingtide.live.kubernetes.lease import LeaderLease, new_identity
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from kingtide.operate.ingress.auth_keeping import AuthKeeping
from kingtide.operate.ingress.keeping import Keeping
from kingtide.operate.ingress.metrics import IngressMetrics
from kingtide.operate.ingress.metrics_page import MetricsPage
from kingtide.operate.ingress.problems import Telling, with_closed_told
from kingtide.operate.ingress.sight import TrafficSight
from kingtide.operate.ingress.statuses import Statuses
from kingtide.operate.running.asked import Fingerprint, NotAsked, cluster_of, fingerprint
from kingtide.operate.running.health import HealthServer, Pulse, application
from kingtide.operate.running.logs import DecisionLog
from kingtide.operate.running.troubles import Trouble, Troubles

POLL_SECONDS = 2.0
"""Between two looks at the fleet's files, as `run` has it for controllers."""
LAST_SECONDS = 10.0
"""For what is still to be written at the end: Events, and the Lease."""
NAME = "kingtide-ingress"
"""Of the Lease, and of what is installed."""

Beside = list[Coroutine[Any, Any, None]]


class Source(msgspec.Struct, frozen=True):
    """Where settings come from."""

    folder: Path
    cluster: str

    def read(self) -> tuple[IngressPolicy, Fingerprint]:
        """Return the settings, and the files as they were just before.

        Raises:
            Mistakes: the fleet's files have some.
            NotAsked: the fleet has no such cluster, or that one asks for no ingress.
        """
        files = fingerprint(self.folder)
        fleet = read_fleet_folder(self.folder)
        spec = cluster_of(fleet, self.cluster, self.folder).spec
        if spec.ingress is None:
            hint = "add `ingress: {}` to its file, or to its class"
            raise NotAsked(f"{self.cluster} does not ask for an ingress controller", hint)
        return ingress_policy(spec), files


class Settings(msgspec.Struct, frozen=True):
    """How it runs: HAProxy's command, its files, how long to drain, and whether to write at all.

    `drain_seconds` None is the policy's.
    """

    haproxy: str
    layout: Layout
    drain_seconds: int | None = None
    is_dry: bool = False


def layout_of(policy: IngressPolicy, folder: Path) -> Layout:
    """Return where HAProxy's files are, and what it listens on: all addresses, but for metrics."""
    return Layout(
        str(folder),
        f"0.0.0.0:{policy.http_port}",
        f"0.0.0.0:{policy.https_port}",
        f"127.0.0.1:{policy.stats_port}",
        policy.threads,
    )


async def run_ingress(
    client: httpx2.AsyncClient,
    source: Source,
    settings: Settings,
    health: socket.socket | None,
    log: DecisionLog,
    stop: asyncio.Event,
) -> None:
    """Serve a cluster's Ingresses until stopped; then no more come, and those that are here end.

    Raises:
        Exception: what ends a part of the process that has to run: a defect.
    """
    it = _Ingress(client, source, settings, log)
    parts = it.beside()
    if health is not None:
        app = application(it.metrics.registry, it.pulse.unhealthy, it.unready)
        page = MetricsPage(it.metrics.registry, settings.layout.stats, it.auth.agent.metrics)
        page.put_into(app)
        parts.append(HealthServer(app, health).answer())
    tasks = [asyncio.ensure_future(part) for part in parts]
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        if stopped.done():
            await it.drain(tasks)
        _raise_broken(tasks)
    finally:
        for task in (stopped, *tasks):
            task.cancel()
        await asyncio.gather(stopped, *tasks, return_exceptions=True)
        await it.end()


def _raise_broken(tasks: Sequence[asyncio.Future[None]]) -> None:
    for task in tasks:
        if task.done() and not task.cancelled():
            task.result()
            raise RuntimeError(f"a part of the process has ended: {task}")


class _Ingress:
    """The parts of the process, and what they tell each other."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        source: Source,
        settings: Settings,
        log: DecisionLog,
    ) -> None:
        policy, self._files = source.read()
        self._source = source
        self._settings = settings
        self._log = log
        self._is_draining = False
        self._told_of_all: tuple[Problem, ...] = ()
        self._reported: tuple[Composed, Mapping[str, str]] | None = None
        self.pulse = Pulse()
        identity = new_identity()
        self._lease = LeaderLease(client, KINGTIDE_NAMESPACE, lease_name(policy), identity)
        self._sight = TrafficSight(client, policy.config_map)
        self.metrics = IngressMetrics(self._sight.staleness_seconds)
        self._proxy = Proxy(settings.haproxy, settings.layout, policy.server_slots)
        self.auth = AuthKeeping(AuthAgent(settings.layout), log)
        self._keeping = Keeping(self._proxy, self.auth, policy, self.metrics, log, self._told)
        self._keeping.beat = self.pulse.beat
        self._sight.wake = self._keeping.wake
        self._events = EventRecorder(client, identity)
        self._telling = Telling(self._events.tell)
        api = Api(client, WriteRate(), lambda: self._lease.is_leader)
        self._statuses = Statuses(
            api, lambda: self._keeping.policy, self._served, lambda: self._lease.is_leader
        )

    def beside(self) -> Beside:
        """Return all that runs at once."""
        parts: Beside = [self._sight.run(), self._keeping.run(self._sight), self._reloading()]
        parts.append(Troubles(self._troubles, self._log).run())
        parts.append(self.auth.run())
        if not self._settings.is_dry:
            parts += [self._lease.run(), self._events.run(), self._statuses.run(), self._leading()]
        return parts

    def _troubles(self) -> Iterator[Trouble]:
        yield from self._sight.troubles()
        yield Trouble("lease", self._lease.failures, self._lease.last_failure)
        yield Trouble("statuses", self._statuses.failures, self._statuses.last_failure)
        yield Trouble("events", self._events.failures, self._events.last_failure)

    def unready(self) -> str | None:
        """Return why no requests should come here, None where they should."""
        why = None
        if self._is_draining:
            why = "it drains: it ends soon"
        elif not self._keeping.is_serving:
            unlisted = self._sight.unlisted
            why = f"{', '.join(unlisted)} not listed yet" if unlisted else "HAProxy does not serve"
        self.metrics.ready(is_ready=why is None)
        return why

    async def drain(self, tasks: Sequence[asyncio.Future[None]]) -> None:
        """Have the load balancer send nothing new, and go on following the cluster meanwhile."""
        self._is_draining = True
        policy = self._keeping.policy.drain_seconds
        seconds = policy if self._settings.drain_seconds is None else self._settings.drain_seconds
        self._log.note("drains: not ready any more, and serving on", seconds=seconds)
        if seconds:
            await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    async def end(self) -> None:
        """Write what is left, and give the Lease back; after draining HAProxy ends as well."""
        if self._is_draining:
            seconds = END_SECONDS
            self._log.note("HAProxy finishes its requests and ends", at_most_seconds=seconds)
            await self._proxy.process.end(grace_seconds=seconds)
            await self.auth.end()
        if not self._settings.is_dry:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._events.write_due(), LAST_SECONDS)
            await self._lease.release()

    # ---------------------------------------------------------------- telling

    def _told(self, composed: Composed, closed: Mapping[str, str]) -> None:
        self._reported = composed, closed
        reports = with_closed_told(composed, closed)
        self.metrics.reported(reports)
        for it in composed.problems:
            if it not in self._told_of_all:
                text = "what stands for all Ingresses has no effect"
                self._log.warn(text, place=it.place, why=it.message)
        self._told_of_all = composed.problems
        for name, said in closed.items():
            self._log.warn("a backend is closed, as HAProxy refuses it", backend=name, said=said)
        if self._lease.is_leader and not self._settings.is_dry:
            self._telling.take(reports, self._sight.ingresses, self._lease.terms)

    async def _leading(self) -> None:
        """Tell everything anew when this process begins to lead."""
        while True:
            await self._lease.begins()
            term = self._lease.terms
            if self._reported is not None:
                reports = with_closed_told(*self._reported)
                self._telling.take(reports, self._sight.ingresses, term)
            while self._lease.is_leader and self._lease.terms == term:
                await asyncio.sleep(POLL_SECONDS)

    def _served(self) -> list[Ingress]:
        if self._reported is None:
            return []
        known = self._sight.ingresses
        composed, _ = self._reported
        return [known[it.ingress] for it in composed.reports if it.ingress in known]

    # ---------------------------------------------------------------- settings

    async def _reloading(self) -> None:
        """Take changed settings over when they are valid; until then the old ones stand."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            with contextlib.suppress(OSError):
                if fingerprint(self._source.folder) != self._files:
                    self._reread()

    def _reread(self) -> None:
        self._files = fingerprint(self._source.folder)
        try:
            policy, self._files = self._source.read()
        except (Mistakes, NotAsked) as error:
            self._log.warn("settings not brought up to date", why=str(error)[:500])
            return
        before = self._keeping.policy
        if policy == before:
            return
        if any(getattr(policy, it) != getattr(before, it) for it in _FIXED):
            self._log.warn("a change of these settings needs a new process", settings=_FIXED)
        self._keeping.policy = policy
        self._keeping.compose_anew()
        self._log.note("new settings from the fleet's files")


END_SECONDS = 60.0
"""How long requests that are under way may go on at the end; longer ones are cut off."""
_FIXED = ("http_port", "https_port", "stats_port", "threads", "server_slots", "config_map")
"""Settings that a process has for its life."""


def lease_name(policy: IngressPolicy) -> str:
    """Return the Lease of the controllers of one class."""
    return f"{NAME}-{policy.ingress_class}" if policy.ingress_class else NAME
