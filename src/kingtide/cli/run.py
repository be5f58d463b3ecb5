"""`kingtide run`: controllers on a real cluster, or on the twin behind the same APIs."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from kingtide.cli.chosen_controllers import cluster_of, fleet_in, runs_of
from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.control.decision_entry import DecisionEntry
from kingtide.live.aws.failures import AwsFailure
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.failures import LiveFailure
from kingtide.operate.running.assembly import Chosen, run_controllers
from kingtide.operate.running.journal import DecisionFile
from kingtide.operate.running.live_world import LiveWorld
from kingtide.operate.running.logs import DecisionLog
from kingtide.operate.running.metrics import Metrics
from kingtide.operate.running.process import Observers
from kingtide.operate.running.world import Leadership
from kingtide.report.sentences import told

JOURNALS = Path("runs")
"""Where journals go without --out: runs/<cluster>/ below the current folder."""


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
    json: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Run controllers on a cluster, with the settings of its fleet's files.

    Acts only while it holds the cluster's Lease, on a view that is young and whole, and on the
    cluster that its namespace kingtide-system says it is. Ctrl-C or SIGTERM ends it after the pass
    that runs then. Every decision is a line of the log and of decisions.jsonl.

    Args:
        controllers: Those to run, as node-autoscaling overprovisioning.
        cluster: The cluster's name in the fleet.
        fleet: The fleet's folder; the current one when absent.
        all_of_them: Run all that the cluster's files ask for.
        dry_run: Decide and tell, do nothing.
        once: Make one pass of each and end.
        clock: `machine`, or `server` for the API server's time (a twin's).
        kubeconfig: The kubeconfig; otherwise $KUBECONFIG, the service account, ~/.kube/config.
        context: The kubeconfig's context; its current one when absent.
        aws_endpoint: The address of the twin's AWS API, or of an emulator.
        queue: The queue of interruption messages, by name or address.
        out: The folder of decisions.jsonl, not runs/<cluster>.
        json: Log as JSON lines.
    """
    if clock not in ("machine", "server"):
        raise BadInput(f"--clock: {clock!r} is none", hint="write machine or server")
    found = cluster_of(fleet_in(fleet), cluster, fleet)
    runs = runs_of(found, controllers, all_of_them=all_of_them)
    chosen = Chosen(
        cluster=found,
        runs=runs,
        queue=queue,
        aws_endpoint=aws_endpoint,
        is_dry=dry_run,
        is_once=once,
        by_server_clock=clock == "server",
    )
    reach = Reach(kubeconfig, context)
    _run(chosen, DecisionLog(sys.stderr, told, as_json=json), out or JOURNALS / cluster, reach)
    return ExitCode.YES


def _run(chosen: Chosen, log: DecisionLog, folder: Path, reach: Reach) -> None:
    journal = DecisionFile(folder)

    def observers(world: LiveWorld, leadership: Leadership) -> Observers:
        metrics = Metrics(world.staleness_seconds, lambda: leadership.is_leader)

        def decided(entry: DecisionEntry) -> None:
            metrics.decided(entry)
            journal.write(entry)
            log.decided(entry)

        return Observers(decided, metrics.passed, metrics.refused)

    async def main() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        names = [it.key for it in chosen.runs]
        log.note("started", cluster=chosen.cluster.full_name, controllers=names)
        async with cluster_connection(reach.kubeconfig, reach.context) as client:
            await run_controllers(client, chosen, observers, stop)
        log.note("ended")

    try:
        asyncio.run(main())
    except LiveFailure as error:
        raise BadInput(str(error)) from error
    except AwsFailure as error:
        raise RunFailed(str(error)) from error
    finally:
        journal.close()
