"""The fleet that a scenario names, and its cluster: read once, however often it is asked for."""

from __future__ import annotations

from pathlib import Path as FilePath

import msgspec

from kingtide.files.fleet_folder import read_fleet_folder_as_far
from kingtide.files.manifest_files import fleet_manifests
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Entry, Map, Node, Place, Scalar, node_at
from kingtide.fleet.documents.validation import Reading
from kingtide.fleet.manifests import read_manifests
from kingtide.fleet.repository import FleetRepository, LayeredCluster
from kingtide.rehearsal.scenario.fleet_layer import over_fleet
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.unknown_workloads import known_workloads
from kingtide.rehearsal.scenario.workloads_below import workloads_of


class ReadFleet(msgspec.Struct, frozen=True):
    """A fleet as far as it can be read, with everything that is wrong in it."""

    fleet: FleetRepository | None
    mistakes: tuple[Mistake, ...]


class FleetReader:
    """Reads fleets' folders, each once."""

    def __init__(self) -> None:
        self._read: dict[FilePath, ReadFleet] = {}

    def read(self, folder: FilePath, named_at: Place) -> ReadFleet:
        """Return the fleet in a folder; `named_at` is where a user named it."""
        if folder not in self._read:
            findings = Findings()
            fleet = None
            try:
                fleet = read_fleet_folder_as_far(folder, findings, named_at=named_at)
            except Mistakes as error:
                findings.extend(error.all)
            self._read[folder] = ReadFleet(fleet, findings.as_error().all)
        return self._read[folder]


def laid_over_fleet(
    node: Node, cluster_instead: str | None, reader: FleetReader, findings: Findings
) -> Node:
    """Return a scenario's tree laid over what its fleet says, where it names one that can be read.

    `cluster_instead` is the cluster that the command line names, None for the scenario's own. What
    is wrong in manifests is noted; what is wrong in the fleet is told once the scenario is read.
    """
    node = _with_cluster(node, cluster_instead)
    fleet, cluster = _text(node, "fleet"), _text(node, "cluster")
    if fleet is None or cluster is None:
        return node
    noter = Noter(node, Findings(), Reading())
    found = find_cluster(fleet, cluster, noter, reader)
    if found is None:
        return node
    folder, layered = noter.folder(("spec", "fleet")) / fleet, found[0]
    manifests = read_manifests(fleet_manifests(folder, findings), findings)
    theirs = [it for it in manifests if it.cluster in (None, layered.name)]
    workloads = workloads_of(theirs, layered.spec, findings)
    if manifests:
        node = known_workloads(node, layered.name, workloads, findings)
    return over_fleet(node, layered, workloads)


def _text(node: Node, field: str) -> str | None:
    found = node_at(node, ("spec", field))
    return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None


def find_cluster(
    fleet_folder: str, cluster: str, noter: Noter, reader: FleetReader
) -> tuple[LayeredCluster, FleetRepository] | None:
    """Return the cluster with the scenario's changes, as far as it and its fleet can be read."""
    folder = noter.folder(("spec", "fleet")) / fleet_folder
    found = reader.read(folder, noter.place(("spec", "fleet")))
    noter.findings.extend(found.mistakes)
    fleet = found.fleet
    if fleet is None:
        return None
    if cluster not in fleet.clusters:
        if "clusters" in fleet.hidden:
            return None
        wrong = f"the fleet in {folder} has no cluster {cluster!r}"
        advice = did_you_mean(cluster, fleet.clusters, what="clusters")
        noter.note(("spec", "cluster"), wrong, advice)
        return None
    overlay = node_at(noter.node, ("spec", "clusterSpec"))
    layered = fleet.cluster_with(cluster, overlay, noter.findings)
    return None if layered is None else (layered, fleet)


def _with_cluster(node: Node, cluster: str | None) -> Node:
    spec = node_at(node, ("spec",))
    if cluster is None or not isinstance(node, Map) or not isinstance(spec, Map):
        return node
    place = Place(f"--cluster {cluster}", 0, 0)
    named = Entry(place, Scalar(cluster, place))
    changed = Map({**spec.entries, "cluster": named}, spec.place)
    return Map({**node.entries, "spec": Entry(node.entries["spec"].key_place, changed)}, node.place)
