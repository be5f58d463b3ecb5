"""`kingtide run`: controllers on a real cluster, or on the twin behind the same APIs."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from kingtide.cli.chosen_controllers import asked_of
from kingtide.cli.failure import BadInput, ExitCode, Refused, RunFailed
from kingtide.cli.run_admission import NAME as ADMISSION
from kingtide.cli.run_admission import Webhooks, run_admission
from kingtide.cli.run_ingress import JOURNALS, BalancerOptions, Balancing, run_balancer
from kingtide.cli.run_ingress import NAME as INGRESS
from kingtide.live.aws.failures import AwsFailure
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.failures import LiveFailure
from kingtide.operate.admission.process import Source
from kingtide.operate.ingress.process import Source as IngressSource
from kingtide.operate.running.asked import Wanted
from kingtide.operate.running.assembly import Chosen, Outlets, run_controllers
from kingtide.operate.running.beginning import NoPass, NotReached
from kingtide.operate.running.health import NotListening, address_of, listening
from kingtide.operate.running.journal import DecisionFile
from kingtide.operate.running.logs import DecisionLog
from kingtide.report.sentences import NO_PHRASES, PHRASES, told

FREE_PORT = "127.0.0.1:0"
AS_USUAL = BalancerOptions()
WEBHOOK = "127.0.0.1:8443"
"""For this machine only, unless told otherwise; the port that needs no rights of its own."""


class Reach(NamedTuple):
    """How the cluster is reached."""

    kubeconfig: Path | None
    context: str | None


def run(
    *controllers: str,
    cluster: str,
    fleet: Path = Path(),
    all_of_them: Annotated[bool, Parameter(name="--all", negative="")] = False,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    once: Annotated[bool, Parameter(negative="")] = False,
    clock: str = "machine",
    kubeconfig: Path | None = None,
    context: str | None = None,
    aws_endpoint: str | None = None,
    queue: str | None = None,
    out: Path | None = None,
    listen: str = FREE_PORT,
    webhook: str = WEBHOOK,
    webhook_url: str | None = None,
    balancer: BalancerOptions = AS_USUAL,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Run controllers on a cluster, with the settings of its fleet's files.

    Acts only while it holds the cluster's Lease, on a young and whole view of the cluster that its
    namespace kingtide-system says it is. A signal ends it after its pass, a second one at once.
    Decisions are lines of the log and of decisions.jsonl, and Events. Valid changes of files hold.

    Two run by themselves. `admission` is asked by API servers; with --dry-run it only tells what it
    would do. `ingress` keeps an HAProxy as Ingresses ask for it; a signal has both drain and end.

    Args:
        controllers: Those to run, as node-autoscaling overprovisioning; or admission, or ingress.
        cluster: The cluster's name in the fleet.
        fleet: The fleet's folder; the current one when absent.
        all_of_them: Run all that the cluster's files ask for.
        dry_run: Decide and tell, write nothing; takes no Lease and receives no messages.
        once: Make one pass of each and end; exit code 1 where none could be made for 120 s.
        clock: `machine`, or `server` for the API server's time.
        kubeconfig: The kubeconfig; otherwise $KUBECONFIG, the service account, ~/.kube/config.
        context: Of the kubeconfig; its current one when absent.
        aws_endpoint: The address of the twin's AWS API, or of an emulator.
        queue: The queue of interruption messages, by name or address.
        out: The folder of decisions.jsonl, not runs/<cluster>.
        listen: HOST:PORT of /metrics, /healthz and /readyz; a PORT alone is for this machine, 0 is
            a free one; `none` serves nothing. Not with --once.
        webhook: Of admission: HOST:PORT at which API servers ask.
        webhook_url: Of admission outside of the cluster: its address, for API servers.
        balancer: Of ingress.
        json: Log as JSON lines.
    """
    reach = Reach(kubeconfig, context)
    is_alone = len(controllers) == 1 and not (all_of_them or once)
    if ADMISSION in controllers:
        source = Source(fleet, cluster, dry_run)
        return _admission(source, Webhooks(webhook, webhook_url, listen), reach, is_alone, json)
    if INGRESS in controllers:
        balancing = balancer.with_defaults(cluster, listen, is_dry=dry_run)
        return _ingress(IngressSource(fleet, cluster), balancing, reach, is_alone, json)
    wanted = Wanted(fleet, cluster, None if all_of_them else controllers)
    chosen = _chosen(wanted, queue, aws_endpoint, clock, is_dry=dry_run, is_once=once)
    _run(chosen, json, out or JOURNALS / cluster, None if once else listen, reach)
    return ExitCode.YES


def _chosen(
    wanted: Wanted,
    queue: str | None,
    aws_endpoint: str | None,
    clock: str,
    *,
    is_dry: bool,
    is_once: bool,
) -> Chosen:
    if clock not in ("machine", "server"):
        raise BadInput(f"--clock: {clock!r} is none", hint="write machine or server")
    return Chosen(
        asked=asked_of(wanted),
        wanted=None if is_once else wanted,
        queue=queue,
        aws_endpoint=aws_endpoint,
        is_dry=is_dry,
        is_once=is_once,
        by_server_clock=clock == "server",
    )


def _admission(
    source: Source, webhooks: Webhooks, reach: Reach, is_alone: bool, as_json: bool
) -> ExitCode:
    if not is_alone:
        hint = "leave other controllers, --all and --once out"
        raise BadInput("admission is a process of its own, which serves", hint=hint)
    run_admission(source, webhooks, *reach, _stopped_by_signal, as_json=as_json)
    return ExitCode.YES


def _ingress(
    source: IngressSource, balancing: Balancing, reach: Reach, is_alone: bool, as_json: bool
) -> ExitCode:
    if not is_alone:
        hint = "leave other controllers, --all and --once out"
        raise BadInput("ingress is a process of its own, which serves", hint=hint)
    run_balancer(source, balancing, *reach, _stopped_by_signal, as_json=as_json)
    return ExitCode.YES


def _run(chosen: Chosen, as_json: bool, folder: Path, listen: str | None, reach: Reach) -> None:
    log = DecisionLog(sys.stderr, told, as_json=as_json)
    listener = _listener(listen)
    journal = _journal(folder)
    outlets = Outlets(log, lambda name: PHRASES.get(name, NO_PHRASES), journal, listener)

    async def main() -> None:
        stop = _stopped_by_signal(log)
        _tell_start(chosen, log, folder, listener)
        async with cluster_connection(reach.kubeconfig, reach.context) as client:
            await run_controllers(client, chosen, outlets, stop)
        log.note("ended")

    try:
        asyncio.run(main())
    except NoPass as error:
        raise Refused(str(error)) from error
    except NotReached as error:
        raise RunFailed(str(error)) from error
    except LiveFailure as error:
        raise BadInput(str(error)) from error
    except AwsFailure as error:
        raise RunFailed(str(error)) from error
    finally:
        journal.close()
        if listener is not None:
            listener.close()


def _stopped_by_signal(log: DecisionLog) -> asyncio.Event:
    """Return what the first SIGINT or SIGTERM sets; a second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def end(number: signal.Signals) -> None:
        stop.set()
        for it in numbers:
            loop.remove_signal_handler(it)
            signal.signal(it, signal.SIG_DFL)  # SIGINT's would be a KeyboardInterrupt
        log.note("ends after this pass; a second signal ends at once", signal=number.name)

    for number in numbers:
        loop.add_signal_handler(number, end, number)
    return stop


def _tell_start(
    chosen: Chosen, log: DecisionLog, folder: Path, listener: socket.socket | None
) -> None:
    asked = chosen.asked
    log.note(
        "started",
        cluster=asked.cluster.full_name,
        controllers=[it.key for it in asked.runs],
        journal=str(folder),
    )
    if listener is not None:
        log.note("serves /metrics, /healthz and /readyz", address=address_of(listener))
    if chosen.is_dry:
        log.note("dry run: nothing is written, no Lease is taken, no message is received")


def _listener(listen: str | None) -> socket.socket | None:
    if listen is None or listen == "none":
        return None
    try:
        return listening(listen)
    except ValueError as error:
        wrong, _, hint = str(error).partition("; ")
        raise BadInput(f"--listen: {wrong}", hint=hint) from error
    except NotListening as error:
        raise RunFailed(
            f"--listen: {error}", hint="name another port, or 0 for a free one"
        ) from error


def _journal(folder: Path) -> DecisionFile:
    try:
        return DecisionFile(folder)
    except OSError as error:
        message = f"{folder} cannot be written ({error.strerror})"
        raise RunFailed(message, hint="name another folder with --out") from error
