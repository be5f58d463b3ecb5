"""`kingtide run`: controllers on a real cluster, or on the twin behind the same APIs."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.control.decision_entry import DecisionEntry
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.repository import LayeredCluster
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
from kingtide.roster.registry import CONTROLLERS, ControllerRun
from kingtide.roster.settings import cluster_runs

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
    found = _cluster(fleet, cluster)
    runs = _runs(found, controllers, all_of_them=all_of_them)
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


def _cluster(folder: Path, name: str) -> LayeredCluster:
    try:
        fleet = read_fleet_folder(folder)
    except Mistakes as error:
        count = len(error.all)
        what = "1 mistake" if count == 1 else f"{count} mistakes"
        raise BadInput(f"{what} in {folder}", details=str(error).splitlines()) from error
    if name not in fleet.clusters:
        hint = did_you_mean(name, fleet.clusters, what="clusters")
        raise BadInput(f"--cluster: {folder} has no cluster {name!r}", hint=hint)
    return fleet.clusters[name]


def _runs(
    cluster: LayeredCluster, names: Sequence[str], *, all_of_them: bool
) -> tuple[ControllerRun, ...]:
    """Return the controllers asked for, with the cluster's settings.

    Raises:
        BadInput: one is unknown, the cluster does not ask for it, or none is named.
    """
    try:
        runs = cluster_runs(cluster)
    except Mistakes as error:
        raise BadInput("the controllers' settings", details=str(error).splitlines()) from error
    if all_of_them:
        return runs
    if not names:
        raise BadInput("no controller is named", hint="name some, or write --all")
    keys = {it.controller.name: key for key, it in CONTROLLERS.items()}
    wanted: dict[str, None] = {}
    for name in names:
        key = keys.get(name.replace("-", "_"))
        if key is None:
            hint = did_you_mean(name.replace("-", "_"), keys, what="controllers")
            raise BadInput(f"there is no controller {name!r}", hint=hint)
        if not any(it.key == key for it in runs):
            hint = f"add `{key}:` to its file, or leave {name} out"
            raise BadInput(f"{cluster.name} does not ask for {name}", hint=hint)
        wanted[key] = None
    return tuple(it for it in runs if it.key in wanted)
