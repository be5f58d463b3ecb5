"""Values of every tool of a cluster: what its files say, over what the fleet knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from kingtide.compile.document import Body
from kingtide.compile.kubernetes.expander_priorities import CLUSTER_AUTOSCALER
from kingtide.compile.kubernetes.placement import placement
from kingtide.compile.subject import Subject
from kingtide.compile.tools.cluster_autoscaler import cluster_autoscaler_values
from kingtide.compile.tools.placement_paths import placed_in
from kingtide.fleet.documents.merge import merged
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Place, place_of, placed, plain
from kingtide.fleet.models.tool import Tool
from kingtide.fleet.repository import FleetRepository
from kingtide.fleet.tool_values import ENVIRONMENT_LABEL, layered_values

_NOWHERE = Place("", 0, 0)


def values_by_tool(subject: Subject, fleet: FleetRepository) -> Mapping[str, Body]:
    """Return the values of every tool that runs on the cluster, by the tool's name."""
    return {tool.metadata.name: _values(subject, fleet, tool) for tool in subject.tools}


def _values(subject: Subject, fleet: FleetRepository, tool: Tool) -> Body:
    known: Body = {}
    if tool.spec.chart.name == CLUSTER_AUTOSCALER:
        known = cluster_autoscaler_values(subject)
    group = tool.spec.node_group
    if group in subject.spec.node_groups:
        known |= placed_in(tool.spec.chart.name, placement(subject, group))
    elif group is not None:
        path = PurePosixPath("tools", tool.metadata.name, "tool.yaml")
        at = ("spec", "nodeGroup")
        wrong = f"cluster {subject.cluster.name} has no group {group!r}"
        advice = did_you_mean(group, subject.spec.node_groups, what="groups")
        subject.findings.add(place_of(fleet.documents[path], at), at, wrong, advice)
    written = layered_values(
        fleet.tool_values,
        tool.metadata.name,
        subject.cluster.name,
        subject.cluster.labels.get(ENVIRONMENT_LABEL),
    )
    found = plain(merged(placed(known, _NOWHERE), written, layer=()))
    assert isinstance(found, dict)  # both are maps
    return found
