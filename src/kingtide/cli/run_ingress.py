"""`kingtide run ingress`: HAProxy, kept as a cluster's Ingresses ask for it."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cyclopts import Parameter

from kingtide.cli.failure import BadInput, RunFailed
from kingtide.cli.reached_cluster import Reach, connected
from kingtide.cli.reached_cluster import told as told_unreached
from kingtide.cli.stopping import stopped_by_signal
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.live.haproxy.claim import Taken, check_free, claimed
from kingtide.live.haproxy.process import HaproxyProcess
from kingtide.live.kubernetes.failures import LiveFailure
from kingtide.operate.ingress.haproxy_version import (
    TESTED,
    NoHaproxy,
    found_haproxy,
    is_tested,
    version_of,
)
from kingtide.operate.ingress.process import Settings, Source, layout_of, run_ingress
from kingtide.operate.running.asked import NotAsked
from kingtide.operate.running.health import NotListening, address_of, listening
from kingtide.operate.running.logs import DecisionLog
from kingtide.report.sentences import told

NAME = "ingress"
"""Among controllers on the command line; it runs as a process of its own."""
JOURNALS = Path("runs")
"""Where files go that nobody names: runs/<cluster>/ below the current folder."""
MAX_FOLDER = 80
"""Characters of the folder: a UNIX socket's path has at most 107 (unix(7)), and trials have longer
ones than `/trial/admin.sock`."""


@Parameter(name="*")
@dataclass(frozen=True)
class BalancerOptions:
    """The options of ingress alone.

    Args:
        haproxy: Of ingress: HAProxy's command, or its path.
        config_dir: Of ingress: the folder of HAProxy's files, not runs/<cluster>/haproxy.
        drain_seconds: Of ingress: how long it serves on while not ready, not as its policy says.
    """

    haproxy: str = "haproxy"
    config_dir: Path | None = None
    drain_seconds: int | None = None

    def with_defaults(self, cluster: str, health: str | None, *, is_dry: bool) -> Balancing:
        """Return what was asked for; files go where journals go unless told otherwise."""
        where = self.config_dir or JOURNALS / cluster / "haproxy"
        return Balancing(self.haproxy, where, self.drain_seconds, health, is_dry)


class Balancing(msgspec.Struct, frozen=True):
    """What a user says of HAProxy: its command, its folder, how long to drain, where health is."""

    haproxy: str
    folder: Path
    drain_seconds: int | None
    health: str | None
    is_dry: bool


def run_balancer(
    source: Source,
    balancing: Balancing,
    reach: Reach,
    *,
    as_json: bool,
) -> None:
    """Serve Ingresses until a signal, drain, and end.

    Raises:
        BadInput: the files, the address, HAProxy or the kubeconfig are wrong.
        RunFailed: an address cannot be listened on, or the folder is another's.
    """
    log = DecisionLog(sys.stderr, told, as_json=as_json)
    if balancing.drain_seconds is not None and balancing.drain_seconds < 0:
        hint = "write 0 to end without draining"
        raise BadInput(f"--drain-seconds: {balancing.drain_seconds} is no time", hint=hint)
    try:
        policy, _ = source.read()
    except Mistakes as error:
        raise BadInput(f"mistakes in {source.folder}", details=str(error).splitlines()) from error
    except NotAsked as error:
        raise BadInput(str(error), hint=error.hint) from error
    path, version = _haproxy(balancing.haproxy)
    folder = balancing.folder.absolute()
    if len(str(folder)) > MAX_FOLDER:
        hint = "name a shorter one; sockets stand in it, whose paths are bounded"
        raise BadInput(f"--config-dir: {folder} has over {MAX_FOLDER} characters", hint=hint)
    settings = Settings(path, layout_of(policy, folder), balancing.drain_seconds, balancing.is_dry)
    cluster = connected(reach)
    listener = _listener(balancing.health)

    async def main() -> None:
        stop = stopped_by_signal(
            lambda name: log.note("drains and ends; a second signal ends at once", signal=name)
        )
        log.note("started", cluster=source.cluster, haproxy=version, folder=str(folder))
        if not is_tested(version):
            log.warn(f"this version of HAProxy is untested; tests run {TESTED}", haproxy=version)
        if listener is not None:
            log.note("serves /metrics, /healthz and /readyz", address=address_of(listener))
        async with cluster as client:
            await run_ingress(client, source, settings, listener, log, stop)
        log.note("ended")

    with _claimed(settings):
        try:
            asyncio.run(main())
        except LiveFailure as error:
            raise told_unreached(error) from error


@contextmanager
def _claimed(settings: Settings) -> Iterator[None]:
    """Have the folder, and the addresses where no HAProxy of ours has them already."""
    layout = settings.layout
    with ExitStack() as held:
        try:
            held.enter_context(claimed(Path(layout.folder)))
        except (Taken, OSError) as error:
            why = f"{layout.folder}: {error.strerror}" if isinstance(error, OSError) else error
            raise RunFailed(f"--config-dir: {why}", hint="name another folder") from error
        if not HaproxyProcess(settings.haproxy, layout).is_running:
            try:
                check_free((layout.http, layout.https, layout.stats))
            except Taken as error:
                hint = "end what has it, or set httpPort, httpsPort or statsPort under `ingress:`"
                raise RunFailed(str(error), hint=hint) from error
        yield


def _haproxy(command: str) -> tuple[str, str]:
    try:
        path = found_haproxy(command)
        return path, version_of(path)
    except NoHaproxy as error:
        hint = "install it, or name it with --haproxy"
        raise BadInput(f"--haproxy: {error}", hint=hint) from error


def _listener(address: str | None) -> socket.socket | None:
    if address is None or address == "none":
        return None
    try:
        return listening(address)
    except ValueError as error:
        wrong, _, hint = str(error).partition("; ")
        raise BadInput(f"--listen: {wrong}", hint=hint) from error
    except NotListening as error:
        raise RunFailed(f"--listen: {error}", hint="name another port") from error
