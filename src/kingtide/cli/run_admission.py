"""`kingtide run admission`: the webhook that a cluster's API servers ask."""

from __future__ import annotations

import asyncio
import socket
import sys
from urllib.parse import urlsplit

import httpx2

from kingtide.cli.failure import BadInput, RunFailed
from kingtide.cli.reached_cluster import Reach, connected
from kingtide.cli.reached_cluster import told as told_unreached
from kingtide.cli.run_options import FREE_PORT, WEBHOOK, Serving
from kingtide.cli.stopping import stopped_by_signal
from kingtide.controllers.admission.webhooks import ServiceReach, UrlReach
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.live.kubernetes.failures import LiveFailure
from kingtide.operate.admission.process import Listeners, Source, run_webhook
from kingtide.operate.running.asked import NotAsked
from kingtide.operate.running.beginning import NotReached, first_answer
from kingtide.operate.running.health import NotListening, address_of, listening
from kingtide.operate.running.logs import DecisionLog
from kingtide.report.sentences import told

NAME = "admission"
"""Among controllers on the command line; it runs as a process of its own."""


def run_admission(source: Source, serving: Serving, cluster: Reach, *, as_json: bool) -> None:
    """Serve reviews until a signal.

    Raises:
        BadInput: the files, the address or the kubeconfig are wrong.
        RunFailed: an address cannot be listened on.
    """
    log = DecisionLog(sys.stderr, told, as_json=as_json)
    reach = _reach(serving.webhook_url)
    try:
        source.read()
    except Mistakes as error:
        raise BadInput(f"mistakes in {source.folder}", details=str(error).splitlines()) from error
    except NotAsked as error:
        raise BadInput(str(error), hint=error.hint) from error
    client = connected(cluster)
    listeners = _listeners(serving)

    async def main() -> None:
        stop = stopped_by_signal(
            lambda name: log.note("ends; a second signal ends at once", signal=name)
        )
        where = address_of(listeners.webhook).replace("http:", "https:")
        log.note("started", cluster=source.cluster, webhook=where, audits=source.only_audits)
        if listeners.health is not None:
            log.note("serves /metrics, /healthz and /readyz", address=address_of(listeners.health))
        async with client:
            await _let_in(client, log)
            await run_webhook(client, source, reach, listeners, log, stop)
        log.note("ended")

    try:
        asyncio.run(main())
    except LiveFailure as error:
        raise told_unreached(error) from error
    finally:
        for listener in listeners.all:
            listener.close()


async def _let_in(client: httpx2.AsyncClient, log: DecisionLog) -> None:
    """End where credentials are not taken; an API server that is away is waited for.

    Raises:
        LiveFailure: the cluster does not let us in.
    """
    try:
        await first_answer(client)
    except NotReached as error:
        log.warn("the cluster is not reached, and asked again", why=str(error))


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


def _listeners(serving: Serving) -> Listeners:
    health = None if serving.listen == "none" else serving.listen or FREE_PORT
    return Listeners(
        _listener("--webhook", serving.webhook or WEBHOOK),
        None if health is None else _listener("--listen", health),
    )


def _listener(option: str, address: str) -> socket.socket:
    try:
        return listening(address)
    except ValueError as error:
        wrong, _, hint = str(error).partition("; ")
        raise BadInput(f"{option}: {wrong}", hint=hint) from error
    except NotListening as error:
        raise RunFailed(f"{option}: {error}", hint="name another port") from error
