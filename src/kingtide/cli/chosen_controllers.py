"""A fleet, one of its clusters and its controllers, as a user names them on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kingtide.cli.failure import BadInput
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.repository import FleetRepository, LayeredCluster
from kingtide.roster.registry import CONTROLLERS, ControllerRun
from kingtide.roster.settings import cluster_runs


def fleet_in(folder: Path) -> FleetRepository:
    """Return the fleet of a folder.

    Raises:
        BadInput: its files have mistakes, each of which is told.
    """
    try:
        return read_fleet_folder(folder)
    except Mistakes as error:
        count = len(error.all)
        what = "1 mistake" if count == 1 else f"{count} mistakes"
        raise BadInput(f"{what} in {folder}", details=str(error).splitlines()) from error


def cluster_of(fleet: FleetRepository, name: str, folder: Path) -> LayeredCluster:
    """Return a fleet's cluster; `folder` is what messages call the fleet.

    Raises:
        BadInput: there is none of that name.
    """
    if name not in fleet.clusters:
        hint = did_you_mean(name, fleet.clusters, what="clusters")
        raise BadInput(f"--cluster: {folder} has no cluster {name!r}", hint=hint)
    return fleet.clusters[name]


def runs_of(
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
