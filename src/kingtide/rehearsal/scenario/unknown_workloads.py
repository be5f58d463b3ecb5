"""Workloads of a scenario that only a manifest could describe, and none of the cluster's does."""

from __future__ import annotations

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Entry, Map, Node, Place, Scalar, node_at
from kingtide.rehearsal.scenario.workloads_below import Workloads


def known_workloads(node: Node, cluster: str, workloads: Workloads, findings: Findings) -> Node:
    """Note what says no requests, and is in no manifest of the cluster.

    Such an entry only adds to a manifest: what it lacks is that, not the fields that the manifest
    would have said. It is for fleets that have manifests, be they other clusters'.

    Returns:
        The scenario's tree, in which such workloads ask for something, so that no more is said of
        them: nothing is run of it.
    """
    for field, known in (
        ("applications", workloads.applications),
        ("daemonSets", workloads.daemon_sets),
    ):
        written = node_at(node, ("spec", field))
        names = () if known is None else tuple(known.entries)
        for name, entry in written.entries.items() if isinstance(written, Map) else ():
            if name in names or not isinstance(entry.node, Map):
                continue
            if "requests" not in entry.node.entries:
                wrong = f"cluster {cluster} has no manifest of it"
                near = did_you_mean(name, names, what="workloads")
                advice = f"{near}; else add its manifest, or `requests:` here, or write null"
                findings.add(entry.key_place, ("spec", field, name), wrong, advice, "unknown name")
                node = _asking(node, field, name)
    return node


def _asking(node: Node, field: str, name: str) -> Node:
    """Return the tree with requests of a workload."""
    place = node.place
    requests = Map({"cpu": _text("1", place), "memory": _text("1Gi", place)}, place)
    return _replaced(node, ("spec", field, name, "requests"), Entry(place, requests))


def _text(value: str, place: Place) -> Entry:
    return Entry(place, Scalar(value, place))


def _replaced(node: Node, path: tuple[str, ...], value: Entry) -> Node:
    assert isinstance(node, Map)  # so it was found above
    first, *rest = path
    if not rest:
        return Map({**node.entries, first: value}, node.place)
    before = node.entries[first]
    after = Entry(before.key_place, _replaced(before.node, tuple(rest), value))
    return Map({**node.entries, first: after}, node.place)
