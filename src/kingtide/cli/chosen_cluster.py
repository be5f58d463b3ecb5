"""The cluster whose settings hold for objects in files: one of a fleet, or none."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kingtide.cli.failure import BadInput
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.models.policy import Policy


class ChosenCluster(msgspec.Struct, frozen=True):
    """A cluster's spec, and the policies of its fleet."""

    spec: ClusterSpec
    policies: tuple[Policy, ...] = ()


def chosen_cluster(folder: Path | None, name: str | None) -> ChosenCluster:
    """Return the cluster that is named, the only one where none is, defaults without a fleet.

    Raises:
        BadInput: it is not clear which one, or there is none of that name.
        Mistakes: the fleet's files are wrong.
    """
    if folder is None:
        if name is not None:
            raise BadInput("--cluster is of a fleet", hint="name its folder with --fleet")
        return ChosenCluster(ClusterSpec())
    fleet = read_fleet_folder(folder)
    if name is None and len(fleet.clusters) == 1:
        name = next(iter(fleet.clusters))
    if name is None:
        raise BadInput(f"{folder} has several clusters", hint="name one with --cluster")
    if name not in fleet.clusters:
        hint = did_you_mean(name, fleet.clusters, what="clusters")
        raise BadInput(f"--cluster: {folder} has no cluster {name!r}", hint=hint)
    return ChosenCluster(fleet.clusters[name].spec, tuple(fleet.policies))
