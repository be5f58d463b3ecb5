"""A fleet, one of its clusters and its controllers, as a user names them on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kingtide.cli.failure import BadInput
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.repository import FleetRepository, LayeredCluster
from kingtide.operate.running import asked
from kingtide.roster.registry import ControllerRun


def fleet_in(folder: Path) -> FleetRepository:
    """Return the fleet of a folder.

    Raises:
        BadInput: its files have mistakes, each of which is told.
    """
    try:
        return read_fleet_folder(folder)
    except Mistakes as error:
        raise _bad_fleet(folder, error) from error


def cluster_of(fleet: FleetRepository, name: str, folder: Path) -> LayeredCluster:
    """Return a fleet's cluster; `folder` is what messages call the fleet.

    Raises:
        BadInput: there is none of that name.
    """
    try:
        return asked.cluster_of(fleet, name, folder)
    except asked.NotAsked as error:
        raise BadInput(str(error), hint=error.hint) from error


def runs_of(
    cluster: LayeredCluster, names: Sequence[str], *, all_of_them: bool
) -> tuple[ControllerRun, ...]:
    """Return the controllers asked for, with the cluster's settings.

    Raises:
        BadInput: one is unknown, the cluster does not ask for it, or none is named.
    """
    try:
        return asked.runs_of(cluster, None if all_of_them else names)
    except Mistakes as error:
        raise BadInput("the controllers' settings", details=str(error).splitlines()) from error
    except asked.NotAsked as error:
        raise BadInput(str(error), hint=error.hint) from error


def asked_of(wanted: asked.Wanted) -> asked.Asked:
    """Return what a process is to run, as `read_asked` does.

    Raises:
        BadInput: the fleet's files have mistakes, or do not have what is asked for.
    """
    try:
        return asked.read_asked(wanted)
    except Mistakes as error:
        raise _bad_fleet(wanted.folder, error) from error
    except asked.NotAsked as error:
        raise BadInput(str(error), hint=error.hint) from error


def _bad_fleet(folder: Path, error: Mistakes) -> BadInput:
    count = len(error.all)
    what = "1 mistake" if count == 1 else f"{count} mistakes"
    return BadInput(f"{what} in {folder}", details=str(error).splitlines())
