"""`kingtide run`: controllers on a real cluster, or on the twin behind the same APIs."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from kingtide.cli.chosen_controllers import asked_of
from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.cli.reached_cluster import AS_CONFIGURED, Reach, connected
from kingtide.cli.reached_cluster import told as told_unreached
from kingtide.cli.run_admission import NAME as ADMISSION
from kingtide.cli.run_admission import run_admission
from kingtide.cli.run_ingress import JOURNALS, BalancerOptions, run_balancer
from kingtide.cli.run_ingress import NAME as INGRESS
from kingtide.cli.run_options import (
    CLOCKS,
    FREE_PORT,
    NOWHERE_ELSE,
    Serving,
    alone_of,
    check_beside,
    check_clock,
    check_names,
    check_served,
)
from kingtide.cli.stopping import stopped_by_signal
from kingtide.live.aws.failures import AwsFailure
from kingtide.live.kubernetes.failures import LiveFailure
from kingtide.operate.admission.process import Source
from kingtide.operate.ingress.process import Source as IngressSource
from kingtide.operate.running.asked import Wanted
from kingtide.operate.running.assembly import Chosen, Outlets, run_controllers
from kingtide.operate.running.health import NotListening, address_of, listening
from kingtide.operate.running.journal import DecisionFile
from kingtide.operate.running.logs import DecisionLog
from kingtide.report.sentences import NO_PHRASES, PHRASES, told

AS_USUAL = BalancerOptions()


def run(
    *controllers: str,
    cluster: str,
    fleet: Path = Path(),
    all_of_them: Annotated[bool, Parameter(name="--all", negative="")] = False,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    once: Annotated[bool, Parameter(negative="")] = False,
    clock: str = "machine",
    reach: Reach = AS_CONFIGURED,
    queue: str | None = None,
    out: Path | None = None,
    serving: Serving = NOWHERE_ELSE,
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
            Admission writes its certificate and caBundle all the same.
        once: Make one pass of each and end; exit code 1 where none could be made for 120 s.
        clock: `machine`, or `server` for the API server's time (a twin's).
        reach: How the cluster is reached.
        queue: The queue of interruption messages, by name or address.
        out: The folder of decisions.jsonl, not runs/<cluster>.
        serving: Where it listens.
        balancer: Of ingress.
        json: Log as JSON lines.
    """
    check_clock(clock)
    check_names(controllers, all_of_them=all_of_them)
    alone = alone_of(controllers)
    check_served(serving, balancer, alone, once=once)
    if alone is not None:
        more = {"--queue": queue, "--out": out, "--aws-endpoint": reach.aws_endpoint}
        is_other = clock != CLOCKS[0]
        check_beside(alone, controllers, {**more, "--once": once, "--clock": is_other})
    if alone == ADMISSION:
        run_admission(Source(fleet, cluster, dry_run), serving, reach, as_json=json)
        return ExitCode.YES
    if alone == INGRESS:
        health = serving.listen or FREE_PORT
        balancing = balancer.with_defaults(cluster, health, is_dry=dry_run)
        run_balancer(IngressSource(fleet, cluster), balancing, reach, as_json=json)
        return ExitCode.YES
    wanted = Wanted(fleet, cluster, None if all_of_them else controllers)
    chosen = _chosen(wanted, queue, reach.aws_endpoint, clock, is_dry=dry_run, is_once=once)
    _run(chosen, json, out or JOURNALS / cluster, None if once else serving, reach)
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
    return Chosen(
        asked=asked_of(wanted),
        wanted=None if is_once else wanted,
        queue=queue,
        aws_endpoint=aws_endpoint,
        is_dry=is_dry,
        is_once=is_once,
        by_server_clock=clock == "server",
    )


def _run(
    chosen: Chosen, as_json: bool, folder: Path, serving: Serving | None, reach: Reach
) -> None:
    log = DecisionLog(sys.stderr, told, as_json=as_json)
    client = connected(reach)
    listener = None if serving is None else _listener(serving.listen or FREE_PORT)
    journal = _journal(folder)
    outlets = Outlets(log, lambda name: PHRASES.get(name, NO_PHRASES), journal, listener)

    async def main() -> None:
        stop = stopped_by_signal(
            lambda name: log.note("ends after this pass; a second signal ends at once", signal=name)
        )
        _tell_start(chosen, log, folder, listener)
        async with client:
            await run_controllers(client, chosen, outlets, stop)
        log.note("ended")

    try:
        asyncio.run(main())
    except LiveFailure as error:
        raise told_unreached(error) from error
    except AwsFailure as error:
        raise RunFailed(str(error)) from error
    finally:
        journal.close()
        if listener is not None:
            listener.close()


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


def _listener(listen: str) -> socket.socket | None:
    if listen == "none":
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
