"""The cluster that is compiled: what every part of it reads, and where it notes mistakes."""

from __future__ import annotations

from pathlib import PurePosixPath

import msgspec

from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.tree import Map, Path, Place, place_of
from kingtide.fleet.expander_priorities import PRIORITIES
from kingtide.fleet.expansion import ExpandedGroup, expand_cluster
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.models.tool import Tool
from kingtide.fleet.repository import FleetRepository, LayeredCluster


class Subject(msgspec.Struct, frozen=True):
    """One cluster with what its fleet says of it.

    `full_name` is its name below the fleet's zone, by which kops and AWS know it; `groups` are its
    Auto Scaling groups, `tools` those that run on it, by name; `priorities` is the order in which
    an autoscaler asks the groups, None where kops runs the autoscaler and writes it.
    """

    cluster: LayeredCluster
    full_name: str
    state_store: str
    groups: tuple[ExpandedGroup, ...]
    tools: tuple[Tool, ...]
    findings: Findings
    priorities: str | None = PRIORITIES

    @property
    def spec(self) -> ClusterSpec:
        """The cluster's settings, all layers merged."""
        return self.cluster.spec

    def tool(self, *charts: str) -> Tool | None:
        """Return the tool that comes from one of these charts, None when none runs here."""
        return next((it for it in self.tools if it.spec.chart.name in charts), None)

    def place(self, path: Path) -> Place:
        """Return where a setting of the cluster was written."""
        return place_of(self.cluster.node, path)

    def note(self, path: Path, wrong: str, instead: str) -> None:
        """Note that a setting of the cluster cannot be compiled."""
        self.findings.add(self.place(path), ("spec", *path), wrong, instead)


def subject_of(fleet: FleetRepository, name: str, *, with_store: bool = True) -> Subject:
    """Return what there is to compile of one cluster.

    `state_store` is empty where nobody needs it (`with_store` False).

    Raises:
        Mistakes: the fleet does not say how its clusters are named, or where kops keeps them.
        KeyError: the fleet has no such cluster.
    """
    cluster = fleet.clusters[name]
    findings = Findings()
    _of_fleet(fleet, "dnsZone", "the clusters' names end with it", findings)
    store = ""
    if with_store:
        what = "an S3 URL, for example s3://acme-kops-state"
        store = _of_fleet(fleet, "stateStore", what, findings)
    findings.raise_if_any()
    full_name = cluster.full_name
    return Subject(
        cluster=cluster,
        full_name=full_name,
        state_store=store.rstrip("/"),
        groups=expand_cluster(full_name, cluster.spec, fleet.instance_lists),
        tools=tuple(
            sorted(
                (tool for tool in fleet.tools if runs_on(tool, cluster)),
                key=lambda tool: tool.metadata.name,
            )
        ),
        findings=findings,
    )


def runs_on(tool: Tool, cluster: LayeredCluster) -> bool:
    """Return whether a tool's placement takes a cluster."""
    wanted = tool.spec.placement.match_labels
    return all(cluster.labels.get(key) == value for key, value in wanted.items())


def _of_fleet(fleet: FleetRepository, field: str, what: str, findings: Findings) -> str:
    if fleet.fleet is None:  # such a fleet was not read without mistakes
        raise Mistakes([])
    spec = fleet.fleet.spec
    found = {"dnsZone": spec.dns_zone, "stateStore": spec.state_store}[field]
    if found is None:
        tree = fleet.documents.get(PurePosixPath("fleet.yaml"), Map({}, Place("fleet.yaml", 0, 0)))
        place = place_of(tree, ("spec",), key=True)
        findings.add(place, ("spec", field), "is missing", f"add `{field}:`, {what}")
    return found or ""
