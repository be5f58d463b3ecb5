"""`kingtide run admission`: the webhook that a cluster's API servers ask."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from kingtide.cli.failure import BadInput, RunFailed
from kingtide.controllers.admission.webhooks import ServiceReach, UrlReach
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.failures import LiveFailure
from kingtide.operate.admission.process import Listeners, Source, run_webhook
from kingtide.operate.running.asked import NotAsked
from kingtide.operate.running.health import NotListening, address_of, listening
from kingtide.operate.running.logs import DecisionLog
from kingtide.report.sentences import told

NAME = "admission"
"""Among controllers on the command line; it runs as a process of its own."""


class Webhooks(msgspec.Struct, frozen=True):
    """What a user says of the webhook: where it listens, and where API servers find it.

    `url` None means behind the Service of the cluster.
    """

    listen: str
    url: str | None
    health: str | None


def run_admission(
    source: Source,
    webhooks: Webhooks,
    kubeconfig: Path | None,
    context: str | None,
    stopped: Callable[[DecisionLog], asyncio.Event],
    *,
    as_json: bool,
) -> None:
    """Serve reviews until a signal.

    Raises:
        BadInput: the files, the address or the kubeconfig are wrong.
        RunFailed: an address cannot be listened on.
    """
    log = DecisionLog(sys.stderr, told, as_json=as_json)
    reach = _reach(webhooks.url)
    try:
        source.read()
    except Mistakes as error:
        raise BadInput(f"mistakes in {source.folder}", details=str(error).splitlines()) from error
    except NotAsked as error:
        raise BadInput(str(error), hint=error.hint) from error
    listeners = _listeners(webhooks)

    async def main() -> None:
        stop = stopped(log)
        where = address_of(listeners.webhook).replace("http:", "https:")
        log.note("started", cluster=source.cluster, webhook=where, audits=source.only_audits)
        if listeners.health is not None:
            log.note("serves /metrics, /healthz and /readyz", address=address_of(listeners.health))
        async with cluster_connection(kubeconfig, context) as client:
            await run_webhook(client, source, reach, listeners, log, stop)
        log.note("ended")

    try:
        asyncio.run(main())
    except LiveFailure as error:
        raise BadInput(str(error)) from error


def _reach(url: str | None) -> ServiceReach | UrlReach:
    if url is None:
        return ServiceReach()
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_good = parts.scheme == "https" and bool(host) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.query or parts.fragment or parts.username:
        hint = "write for example https://127.0.0.1:8443"
        raise BadInput(f"--webhook-url: {url!r} is no address of a webhook", hint=hint)
    return UrlReach(url, host)


def _listeners(webhooks: Webhooks) -> Listeners:
    found = []
    for option, address in (("--webhook", webhooks.listen), ("--listen", webhooks.health)):
        if address is None or address == "none":
            continue
        try:
            found.append(listening(address))
        except ValueError as error:
            wrong, _, hint = str(error).partition("; ")
            raise BadInput(f"{option}: {wrong}", hint=hint) from error
        except NotListening as error:
            raise RunFailed(f"{option}: {error}", hint="name another port") from error
    return Listeners(*found)
