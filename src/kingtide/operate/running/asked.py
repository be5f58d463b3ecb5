"""Which cluster and which of its controllers a process is to run, as its fleet's files say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from kingtide.control.budget import Budget, read_budgets
from kingtide.files.fleet_folder import documents_of, read_fleet_folder
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.policies.safety import SafetyPolicy
from kingtide.fleet.repository import FleetRepository, LayeredCluster
from kingtide.roster.naming import advice, meant
from kingtide.roster.registry import CONTROLLERS, ControllerRun
from kingtide.roster.settings import cluster_runs, disruption_policy, safety_policy

Fingerprint = tuple[tuple[str, int, int, int, int], ...]
"""Of each file its path, device, inode, size and time of change: a mounted ConfigMap is exchanged
by turning a symbolic link, which changes inodes and perhaps nothing else."""


class NotAsked(Exception):
    """A cluster or controller that the files do not have; `hint` says what to write."""

    def __init__(self, message: str, hint: str | None) -> None:
        super().__init__(message)
        self.hint = hint


class Wanted(msgspec.Struct, frozen=True):
    """What a user named: the fleet's folder, a cluster of it, controllers; None for all of them."""

    folder: Path
    cluster: str
    controllers: tuple[str, ...] | None = None


class Asked(msgspec.Struct, frozen=True):
    """What the files say of it."""

    cluster: LayeredCluster
    runs: tuple[ControllerRun, ...]
    budgets: tuple[Budget, ...]
    safety: SafetyPolicy = SafetyPolicy()
    files: Fingerprint = ()
    """The files as they were just before they were read."""


def read_asked(wanted: Wanted) -> Asked:
    """Return what is to run, with its settings.

    Raises:
        Mistakes: everything that is wrong in the fleet's files.
        NotAsked: the fleet has no such cluster, or the cluster does not ask for a controller.
    """
    files = fingerprint(wanted.folder)
    cluster = cluster_of(read_fleet_folder(wanted.folder), wanted.cluster, wanted.folder)
    runs = runs_of(cluster, wanted.controllers)
    budgets = read_budgets(disruption_policy(cluster.node))
    return Asked(cluster, runs, budgets, safety_policy(cluster.node), files)


def cluster_of(fleet: FleetRepository, name: str, folder: Path) -> LayeredCluster:
    """Return a fleet's cluster; `folder` is what messages call the fleet.

    Raises:
        NotAsked: there is none of that name.
    """
    if name not in fleet.clusters:
        hint = did_you_mean(name, fleet.clusters, what="clusters")
        raise NotAsked(f"--cluster: {folder} has no cluster {name!r}", hint)
    return fleet.clusters[name]


def runs_of(cluster: LayeredCluster, names: Sequence[str] | None) -> tuple[ControllerRun, ...]:
    """Return the controllers asked for, with the cluster's settings; None stands for all.

    Raises:
        Mistakes: settings that cannot be read.
        NotAsked: one is unknown, the cluster does not ask for it, or none is named.
    """
    runs = cluster_runs(cluster)
    if names is None:
        return runs
    if not names:
        raise NotAsked("no controller is named", "name some, or write --all")
    keys = {it.controller.name: key for key, it in CONTROLLERS.items()}
    wanted: dict[str, None] = {}
    for name in names:
        known = meant(name, keys)
        if known is None:
            raise NotAsked(f"there is no controller {name!r}", advice(name, keys))
        key = keys[known]
        if not any(it.key == key for it in runs):
            hint = f"add `{key}:` to its file, or leave {name} out"
            raise NotAsked(f"{cluster.name} does not ask for {name}", hint)
        wanted[key] = None
    return tuple(it for it in runs if it.key in wanted)


def fingerprint(folder: Path) -> Fingerprint:
    """Return what tells one state of a fleet's files from another; empty where there are none."""
    found = []
    try:
        for path in documents_of(folder):
            it = path.stat()
            found.append((str(path), it.st_dev, it.st_ino, it.st_size, it.st_mtime_ns))
    except (OSError, Mistakes):
        return ()  # exchanged just now, or no fleet any more: read then, it says what is wrong
    return tuple(found)
