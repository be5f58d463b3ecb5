"""Puts the webhook's process together: cluster, certificates, server, settings, observers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from kingtide.certificates.pairs import KeyPair
from kingtide.controllers.admission.verdict import Verdict
from kingtide.controllers.admission.webhooks import ServiceReach, UrlReach, Work
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.fleet.admission_settings import admission_policy
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.policies.admission import AdmissionPolicy, Failure
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from kingtide.operate.admission.answers import Asked
from kingtide.operate.admission.authorities import ends
from kingtide.operate.admission.keeping import Keeping
from kingtide.operate.admission.metrics import AdmissionMetrics
from kingtide.operate.admission.server import Webhook, WebhookServer
from kingtide.operate.admission.sight import Sight
from kingtide.operate.running.asked import Fingerprint, NotAsked, cluster_of, fingerprint
from kingtide.operate.running.health import HealthServer, application
from kingtide.operate.running.logs import DecisionLog

POLL_SECONDS = 2.0
"""Between two looks at the fleet's files, as `run` has it for controllers."""

DRAIN_SECONDS = 10.0
"""Behind a Service, how long reviews are answered after the first signal: /readyz says no at once,
but that the pod is not to be asked any more comes to every API server's node only by EndpointSlices
and kube-proxy, seconds later. Who is refused meanwhile is refused a DaemonSet, where rules fail
closed. A third of what the pod's grace period is (installation.admission.GRACE_SECONDS)."""


class Source(msgspec.Struct, frozen=True):
    """Where settings come from; with `only_audits` every rule only tells."""

    folder: Path
    cluster: str
    only_audits: bool = False

    def read(self) -> tuple[AdmissionPolicy, Fingerprint]:
        """Return the settings, and the files as they were just before.

        Raises:
            Mistakes: the fleet's files have some.
            NotAsked: the fleet has no such cluster, or that one asks for no admission.
        """
        files = fingerprint(self.folder)
        fleet = read_fleet_folder(self.folder)
        spec = cluster_of(fleet, self.cluster, self.folder).spec
        if spec.admission is None:
            hint = "add `admission: {}` to its file, or to its class"
            raise NotAsked(f"{self.cluster} does not ask for admission", hint)
        policy = admission_policy(spec, fleet.policies)
        return (audited(policy) if self.only_audits else policy), files


class Listeners(msgspec.Struct, frozen=True):
    """Where the webhook listens, and /metrics with its checks; None for nowhere."""

    webhook: socket.socket
    health: socket.socket | None = None

    @property
    def all(self) -> tuple[socket.socket, ...]:
        """Those that there are."""
        return (self.webhook,) if self.health is None else (self.webhook, self.health)


def audited(policy: AdmissionPolicy) -> AdmissionPolicy:
    """Return settings by which every rule that enforces audits instead."""
    rules: Mapping[str, Any] = {
        it.name: msgspec.structs.replace(getattr(policy, it.name), mode="audit")
        for it in msgspec.structs.fields(policy)
        if getattr(getattr(policy, it.name), "mode", "") == "enforce"
    }
    return msgspec.structs.replace(policy, **rules)


async def run_webhook(
    client: httpx2.AsyncClient,
    source: Source,
    reach: ServiceReach | UrlReach,
    listeners: Listeners,
    log: DecisionLog,
    stop: asyncio.Event,
    drain_seconds: float = DRAIN_SECONDS,
) -> None:
    """Serve reviews until stopped; those that are under way are answered.

    Behind a Service others are, too, for `drain_seconds`; at a URL nobody has to take note first.
    """
    policy, files = source.read()
    sight = Sight(client)
    metrics = AdmissionMetrics(sight.staleness_seconds)
    webhook = Webhook(policy, sight.snapshot, _observer(metrics, log), metrics.unanswered)
    serving = _Serving(webhook, listeners.webhook, metrics, log)
    names = tuple(dict.fromkeys((*ServiceReach().names, *reach.names)))
    api = Api(client, WriteRate())
    keeping = Keeping(api, reach, names, lambda: webhook.policy, serving.show)

    def troubled(what: str, error: Exception) -> None:
        metrics.trouble(what)
        log.warn(f"{what} not brought up to date", why=f"{type(error).__name__}: {error}"[:500])

    def unready() -> str | None:
        if stop.is_set():
            return "it ends"
        if serving.server is None:
            return "there is no certificate yet"
        unknown = [kind for kind, it in sight.staleness_seconds().items() if it == float("inf")]
        return f"{', '.join(unknown)} not listed yet" if unknown else None

    beside: list[Coroutine[Any, Any, None]] = [
        sight.run(),
        keeping.run(troubled),
        _reloading(source, files, webhook, troubled, log),
        _telling(keeping, metrics, log),
    ]
    if listeners.health is not None:
        health = application(metrics.registry, lambda: None, unready)
        beside.append(HealthServer(health, listeners.health).answer())
    await _until(stop, beside, serving, drain_seconds if isinstance(reach, ServiceReach) else 0)


class _Serving:
    """The server, which begins with its first certificate."""

    def __init__(
        self,
        webhook: Webhook,
        listener: socket.socket,
        metrics: AdmissionMetrics,
        log: DecisionLog,
    ) -> None:
        self.server: WebhookServer | None = None
        self._webhook = webhook
        self._listener = listener
        self._metrics = metrics
        self._log = log
        self._begun = asyncio.Event()

    def show(self, pair: KeyPair) -> None:
        """Show a certificate, the first or another one."""
        until = ends(pair.certificate)
        self._metrics.certificate(until.timestamp())
        self._log.note("shows a certificate", until=until.isoformat())
        if self.server is None:
            self.server = WebhookServer(self._webhook, self._listener, pair)
            self._begun.set()
        else:
            self.server.show(pair)

    async def run(self) -> None:
        """Serve as soon as there is a certificate, until told to end."""
        await self._begun.wait()
        assert self.server is not None
        await self.server.answer()

    def drain(self, seconds: float) -> None:
        """Answer on, and have each connection closed with its next answer."""
        self._webhook.is_ending = True
        self._log.note("not ready any more, and answers on", seconds=seconds)

    def end(self) -> None:
        """Take no more requests, and end when those under way are answered."""
        if self.server is not None:
            self.server.should_exit = True
        else:
            self._listener.close()


async def _until(
    stop: asyncio.Event,
    beside: Sequence[Coroutine[Any, Any, None]],
    serving: _Serving,
    drain_seconds: float,
) -> None:
    """Run everything until stopped and drained; what ends by itself has a defect, raised here."""
    served = asyncio.ensure_future(serving.run())
    stopped = asyncio.ensure_future(stop.wait())
    tasks = [asyncio.ensure_future(it) for it in beside]
    try:
        await asyncio.wait([stopped, served, *tasks], return_when=asyncio.FIRST_COMPLETED)
        if stopped.done() and serving.server is not None and drain_seconds > 0:
            serving.drain(drain_seconds)
            working = [served, *tasks]
            await asyncio.wait(working, timeout=drain_seconds, return_when=asyncio.FIRST_COMPLETED)
        serving.end()
        if stopped.done() and serving.server is not None:
            await served
        for task in (served, *tasks):
            if task.done():
                task.result()
    finally:
        for each in (stopped, served, *tasks):
            each.cancel()
        await asyncio.gather(stopped, served, *tasks, return_exceptions=True)


async def _reloading(
    source: Source,
    files: Fingerprint,
    webhook: Webhook,
    troubled: Callable[[str, Exception], None],
    log: DecisionLog,
) -> None:
    """Take changed settings over when they are valid; until then the old ones stand."""
    while True:
        await asyncio.sleep(POLL_SECONDS)
        seen = fingerprint(source.folder)
        if seen == files:
            continue
        files = seen
        with contextlib.suppress(OSError):
            try:
                policy, files = source.read()
            except (Mistakes, NotAsked) as error:
                troubled("settings", error)
                continue
            if policy != webhook.policy:
                webhook.policy = policy
                log.note("new settings from the fleet's files")


async def _telling(keeping: Keeping, metrics: AdmissionMetrics, log: DecisionLog) -> None:
    """Tell when API servers can ask us, and when they cannot any more."""
    told: bool | None = None
    while True:
        await asyncio.sleep(POLL_SECONDS)
        if keeping.held is None or keeping.is_registered == told:
            continue
        told = keeping.is_registered
        metrics.registered(is_done=told)
        if told:
            log.note("registered: API servers ask this webhook")
        else:
            log.warn(
                "nobody asks: there are no webhook configurations; `kingtide install` has them"
            )


def _observer(
    metrics: AdmissionMetrics, log: DecisionLog
) -> Callable[[Work, Failure, Asked, Verdict, float], None]:
    def reviewed(
        work: Work, failure: Failure, asked: Asked, verdict: Verdict, seconds: float
    ) -> None:
        metrics.reviewed(work, failure, verdict, seconds)
        if work == "mutate":
            return  # ten thousand pods an evening: counted, not told one by one
        for level, all_told in (("refused", verdict.refusals), ("warning", verdict.warnings)):
            for it in all_told:
                log.note(
                    f"{level}: {it.sentence}"[:1000],
                    code=it.code,
                    kind=asked.kind[:80],
                    object=f"{asked.namespace}/{asked.name}"[:200],
                    dry_run=asked.is_dry,
                )

    return reviewed
