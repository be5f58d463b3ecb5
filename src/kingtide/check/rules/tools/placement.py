"""Where tools run: on clusters and node groups that exist, with values that are read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from kingtide.check.rule import Example, Rule
from kingtide.check.rules.tools.fleet_tools import FleetTools, in_tools, tool_yaml
from kingtide.check.view import Found
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.tool_values import ENVIRONMENT_LABEL


def _nowhere(fleet: FleetTools) -> Iterable[Found]:
    """Note tools whose labels no cluster has."""
    for tool in fleet.tools:
        wanted = tool.spec.placement.match_labels
        if not wanted or any(True for _ in fleet.on(tool)):
            continue
        for key, value in wanted.items():
            values = [it.labels[key] for it in fleet.clusters.values() if key in it.labels]
            if value not in values:
                wrong = f"no cluster has the label {key}: {value}, so that the tool runs nowhere"
                advice = did_you_mean(value, values, what=f"values of {key}")
                named: Path = ("spec", "placement", "matchLabels", key)
                yield fleet.found(tool, named, wrong, advice)
                break
        else:
            wrong = "no cluster has all of these labels, so that the tool runs nowhere"
            at = ("spec", "placement", "matchLabels")
            yield fleet.found(tool, at, wrong, "take one of them out")


def _node_groups(fleet: FleetTools) -> Iterable[Found]:
    """Note tools on a group of nodes that one of their clusters does not have."""
    for tool in fleet.tools:
        group = tool.spec.node_group
        missing = [it for it in fleet.on(tool) if group and group not in it.spec.node_groups]
        if group is not None and missing:
            names = ", ".join(cluster.name for cluster in missing)
            wrong = f"there is no group {group!r} in nodeGroups of {names}"
            advice = did_you_mean(group, missing[0].spec.node_groups, what="groups")
            yield fleet.found(tool, ("spec", "nodeGroup"), wrong, advice)


def _values_files(fleet: FleetTools) -> Iterable[Found]:
    """Note values that no cluster reads: of an unknown environment, cluster or tool."""
    labels = [it.labels.get(ENVIRONMENT_LABEL, "") for it in fleet.clusters.values()]
    environments = sorted(dict.fromkeys(label for label in labels if label))
    folders = [tool.metadata.name for tool in fleet.tools]
    for path, node in fleet.values_files.items():
        wrong, advice = _unread(path, environments, list(fleet.clusters), folders)
        if wrong:
            yield Found(node.place, "", wrong, advice)


def _unread(
    path: PurePosixPath, environments: list[str], clusters: list[str], tools: list[str]
) -> tuple[str, str]:
    """Return why nobody reads a file of values and what to do; empty texts where one does."""
    if path.parts[1] not in tools:
        wrong = f"there is no tool {path.parts[1]!r}: nobody reads these values"
        return wrong, did_you_mean(path.parts[1], tools, what="tools")
    name = path.name.removesuffix(".yaml")
    if name == "values":
        return "", ""
    for prefix, what, known in (
        ("values.env-", "environment", environments),
        ("values.cluster-", "cluster", clusters),
    ):
        if name.startswith(prefix):
            named = name.removeprefix(prefix)
            if named in known:
                return "", ""
            wrong = f"there is no {what} {named!r}: nobody reads these values"
            return wrong, did_you_mean(named, known, what=f"{what}s")
    wrong = "nobody reads values of such a name"
    return wrong, "name it values.yaml, values.env-<env>.yaml or values.cluster-<name>.yaml"


def _placed(more: str, files: tuple[str, ...] = ()) -> Example:
    texts = {"tools/prometheus/tool.yaml": tool_yaml("prometheus", more=more)}
    values = {f"tools/prometheus/{name}": "server: {replicaCount: 2}\n" for name in files}
    labelled = GOOD_CLUSTER.replace("{name: prod}", "{name: prod, labels: {env: prod}}")
    return Example(files={"clusters/prod.yaml": labelled, **texts, **values})


GOOD_CLUSTER = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Cluster
metadata: {name: prod}
spec: {class: base}
"""
RULES = (
    Rule(
        code="KT506",
        title="A tool that runs nowhere",
        severity="warning",
        why="A label that no cluster has is most likely misspelt: the tool is missing where it is"
        " believed to run.",
        source="docs/reference/fleet.md (Tool, spec.placement)",
        failing=_placed("placement: {matchLabels: {env: prd}}"),
        passing=_placed("placement: {matchLabels: {env: prod}}"),
        check=in_tools(_nowhere),
    ),
    Rule(
        code="KT507",
        title="A tool on nodes that a cluster does not have",
        severity="error",
        why="Its pods would select a group of nodes that never has one, and stay pending.",
        source="docs/reference/fleet.md (Tool, spec.nodeGroup)",
        failing=_placed("nodeGroup: admn"),
        passing=_placed("nodeGroup: workers"),
        check=in_tools(_node_groups),
    ),
    Rule(
        code="KT508",
        title="Values that nobody reads",
        severity="warning",
        why="A file of values for an environment or a cluster that does not exist is most likely"
        " misspelt: where it was meant to count, the chart's own values do.",
        source="docs/reference/fleet.md (tools/<name>/values*.yaml)",
        failing=_placed("needs: []", ("values.env-prd.yaml",)),
        passing=_placed("needs: []", ("values.env-prod.yaml", "values.cluster-prod.yaml")),
        check=in_tools(_values_files),
    ),
)
