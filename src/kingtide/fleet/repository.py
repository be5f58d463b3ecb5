"""A fleet repository's files as values.

Every document read, classes laid under clusters, all mistakes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import TypeVar

import msgspec

from kingtide.fleet.cluster_checks import check_cluster
from kingtide.fleet.documents.merge import laid_over
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Node, Place, node_at
from kingtide.fleet.documents.validation import read
from kingtide.fleet.documents.written import Written
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.fleet.instance_lists import InstanceLists, read_instance_list
from kingtide.fleet.models.cluster import Cluster, ClusterClass, ClusterSpec
from kingtide.fleet.models.fleet import Fleet
from kingtide.fleet.models.policy import Policy
from kingtide.fleet.models.stage import Stage
from kingtide.fleet.models.tool import Tool

D = TypeVar("D", Fleet, Cluster, ClusterClass, Stage, Tool, Policy)

FOLDERS: Mapping[str, type[Written]] = {
    "classes": ClusterClass,
    "clusters": Cluster,
    "stages": Stage,
    "policies": Policy,
}
"""What stands in each folder, one document a file. Tools stand in tools/<name>/tool.yaml."""


class LayeredCluster(msgspec.Struct, frozen=True):
    """A cluster with its class below it: `spec` as values, `node` with the place of each."""

    name: str
    spec: ClusterSpec
    node: Node


class FleetRepository(msgspec.Struct, frozen=True):
    """Everything a fleet repository says."""

    fleet: Fleet
    clusters: Mapping[str, LayeredCluster]
    instance_lists: InstanceLists
    stages: tuple[Stage, ...] = ()
    tools: tuple[Tool, ...] = ()
    policies: tuple[Policy, ...] = ()

    def cluster_with(self, name: str, overlay: Node | None) -> LayeredCluster:
        """Return a cluster with one more layer above it.

        Raises:
            Mistakes: the cluster does not come out right with it.
        """
        cluster = self.clusters[name]
        if overlay is None:
            return cluster
        findings = Findings()
        layered = _layer(name, laid_over(cluster.node, overlay), self.instance_lists, findings)
        findings.raise_if_any()
        assert layered is not None  # nothing was found, so the spec was read
        return layered


def read_fleet(
    files: Mapping[PurePosixPath, bytes], shown: Callable[[PurePosixPath], str]
) -> FleetRepository:
    """Return the fleet of a repository's files by path below its folder.

    `shown` names a file in messages.

    Raises: Mistakes: everything that is wrong in any of them.
    """
    findings = Findings()
    trees: dict[PurePosixPath, Node] = {}
    for path, text in sorted(files.items()):
        try:
            trees[path] = parse_yaml(text, shown(path))
        except Mistakes as error:
            findings.extend(error.all)
    root = PurePosixPath("fleet.yaml")
    if root not in files:
        raise Mistakes([Mistake(Place(shown(root), 0, 0), "", "there is no such file", "write it")])
    fleet = _document(Fleet, trees[root], findings) if root in trees else None
    lists = {
        path.stem: read_instance_list(tree, findings)
        for path, tree in trees.items()
        if path.parts[:2] == ("snippets", "instance-types")
    }
    classes = _folder(ClusterClass, "classes", trees, findings)
    clusters = _folder(Cluster, "clusters", trees, findings)
    stages = _folder(Stage, "stages", trees, findings)
    policies = _folder(Policy, "policies", trees, findings)
    tools = {
        str(path): _document(Tool, tree, findings)
        for path, tree in trees.items()
        if path.parts[0] == "tools"
    }
    if findings:
        # Names that a faulty file would define are not known, so rules over several files wait.
        findings.raise_if_any()
    layered = {}
    for name, (document, tree) in clusters.items():
        node = _with_class(document, tree, {n: t for n, (_, t) in classes.items()}, findings)
        _known_stage(document, tree, list(stages), findings)
        found = None if node is None else _layer(name, node, lists, findings)
        if found is not None:
            layered[name] = found
    findings.raise_if_any()
    assert fleet is not None  # no findings, so it was read
    return FleetRepository(
        fleet,
        layered,
        lists,
        tuple(stage for stage, _ in stages.values()),
        tuple(tool for tool in tools.values() if tool is not None),
        tuple(policy for policy, _ in policies.values()),
    )


def _document(kind: type[D], tree: Node, findings: Findings) -> D | None:
    document, _ = read(kind, tree, findings)
    return document


def _folder(
    kind: type[D], folder: str, trees: Mapping[PurePosixPath, Node], findings: Findings
) -> dict[str, tuple[D, Node]]:
    """Return the documents of a folder by name."""
    found: dict[str, tuple[D, Node]] = {}
    for path, tree in trees.items():
        if path.parts[0] != folder:
            continue
        document = _document(kind, tree, findings)
        if document is None:
            continue
        name = document.metadata.name
        if name in found:
            place = node_at(tree, ("metadata", "name"))
            findings.add(
                place.place if place else tree.place,
                ("metadata", "name"),
                f"{name!r} is the name of another document in {folder}/",
                "give each its own name",
            )
        found[name] = (document, tree)
    return found


def _with_class(
    cluster: Cluster, tree: Node, classes: Mapping[str, Node], findings: Findings
) -> Node | None:
    """Return a cluster's spec laid over its class's, None when there is no such class."""
    name = cluster.spec.cluster_class
    own = node_at(tree, ("spec",))
    if name is None:
        return laid_over(own)
    if name not in classes:
        place = node_at(tree, ("spec", "class"))
        findings.add(
            place.place if place else tree.place,
            ("spec", "class"),
            f"there is no class {name!r}",
            did_you_mean(name, classes, what="classes"),
        )
        return None
    return laid_over(node_at(classes[name], ("spec",)), own)


def _known_stage(cluster: Cluster, tree: Node, stages: list[str], findings: Findings) -> None:
    name = cluster.spec.stage
    if name is None or name in stages:
        return
    place = node_at(tree, ("spec", "stage"))
    findings.add(
        place.place if place else tree.place,
        ("spec", "stage"),
        f"there is no stage {name!r}",
        did_you_mean(name, stages, what="stages"),
    )


def _layer(
    name: str, node: Node, lists: InstanceLists, findings: Findings
) -> LayeredCluster | None:
    spec, reading = read(ClusterSpec, node, findings, at=("spec",))
    if spec is None:
        return None
    check_cluster(spec, node, lists, findings, reading)
    return LayeredCluster(name, spec, node)
