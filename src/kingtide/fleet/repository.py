"""A fleet repository's files as values.

Every document read, classes laid under clusters, all mistakes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import TypeVar

import msgspec

from kingtide.fleet.cluster_checks import check_cluster
from kingtide.fleet.documents.merge import laid_over, without_nulls
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Map, Node, Path, Place, node_at, place_of
from kingtide.fleet.documents.validation import read
from kingtide.fleet.documents.written import Written
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.fleet.instance_lists import InstanceLists, read_instance_list
from kingtide.fleet.models.cluster import Cluster, ClusterClass, ClusterSpec
from kingtide.fleet.models.fleet import Fleet
from kingtide.fleet.models.policy import Policy
from kingtide.fleet.models.stage import Stage
from kingtide.fleet.models.tool import Tool
from kingtide.fleet.tool_values import is_tool_values, read_tool_values

D = TypeVar("D", Fleet, Cluster, ClusterClass, Stage, Tool, Policy)

FOLDERS: Mapping[str, type[Written]] = {
    "classes": ClusterClass,
    "clusters": Cluster,
    "stages": Stage,
    "policies": Policy,
}
"""What stands in each folder, one document a file. Tools stand in tools/<name>/tool.yaml."""


SHARED_BY_FLEET = ("kubernetesVersion", "image", "tags")
"""Settings of a fleet that lie below its clusters' of the same name."""
SHARED_BY_STAGE = ("kubernetesVersion", "image")
"""Settings of a stage that lie below its clusters' of the same name."""


class Layer(msgspec.Struct, frozen=True):
    """A document's part in a cluster's spec, and what that document is (`class base`)."""

    said_by: str
    node: Node


class LayeredCluster(msgspec.Struct, frozen=True):
    """A cluster with its class below it: `spec` as values, `node` with the place of each.

    `layers` are what was laid over each other, the lowest first: the fleet's settings that clusters
    share, the stage's, the class's, the cluster's own. `labels` are the cluster's. `sound` is False
    where mistakes were noted, without whose values `spec` is.
    """

    name: str
    spec: ClusterSpec
    node: Node
    sound: bool = True
    layers: tuple[Layer, ...] = ()
    labels: Mapping[str, str] = {}
    full_name: str = ""
    """Its name below the fleet's zone, by which kops and AWS know it; the short one without a zone.
    """


class FleetRepository(msgspec.Struct, frozen=True):
    """Everything a fleet repository says.

    `fleet` is None, and `hidden` names folders, only where documents have mistakes that leave
    nothing of them to read: what is not among a hidden folder's documents may well be there.
    """

    fleet: Fleet | None
    clusters: Mapping[str, LayeredCluster]
    instance_lists: InstanceLists
    stages: tuple[Stage, ...] = ()
    tools: tuple[Tool, ...] = ()
    policies: tuple[Policy, ...] = ()
    classes: tuple[ClusterClass, ...] = ()
    documents: Mapping[PurePosixPath, Node] = {}
    """Every document as a tree by its path below the folder, those that can be parsed."""
    tool_values: Mapping[PurePosixPath, Node] = {}
    """Helm values of tools (`tools/<tool>/values*.yaml`) by path, those that can be parsed."""
    hidden: tuple[str, ...] = ()

    def cluster_with(
        self, name: str, overlay: Node | None, findings: Findings
    ) -> LayeredCluster | None:
        """Return a cluster with one more layer above it, noting what does not come out right.

        None: nothing usable comes out.
        """
        cluster = self.clusters[name]
        if overlay is None:
            return cluster
        layers = (*cluster.layers, Layer("scenario", overlay))
        found = _layer(
            name, layers, cluster.labels, self.instance_lists, findings, sound=cluster.sound
        )
        if found is None:
            return None
        return msgspec.structs.replace(found, full_name=cluster.full_name)


def read_fleet(
    files: Mapping[PurePosixPath, bytes], shown: Callable[[PurePosixPath], str]
) -> FleetRepository:
    """Return the fleet of a repository's files by path below its folder.

    `shown` names a file in messages.

    Raises: Mistakes: everything that is wrong in any of them.
    """
    findings = Findings()
    found = read_fleet_as_far(files, shown, findings)
    findings.raise_if_any()
    return found


def read_fleet_as_far(
    files: Mapping[PurePosixPath, bytes],
    shown: Callable[[PurePosixPath], str],
    findings: Findings,
) -> FleetRepository:
    """Return what can be read of a fleet, noting everything that is wrong in any of its files.

    Raises:
        Mistakes: there is no fleet.yaml.
    """
    root = PurePosixPath("fleet.yaml")
    if root not in files:
        raise _missing(shown(root))
    trees, values = _trees(files, shown, findings)
    hidden = {path.parts[0]: None for path in files if path not in trees and path not in values}
    fleet = _document(Fleet, trees[root], findings) if root in trees else None
    lists, lists_sound = _lists(files, trees, findings)
    classes = _folder(ClusterClass, "classes", trees, findings, hidden)
    clusters = _folder(Cluster, "clusters", trees, findings, hidden, overlays=True)
    stages = _folder(Stage, "stages", trees, findings, hidden)
    policies = _folder(Policy, "policies", trees, findings, hidden)
    tools = _tools(trees, findings)
    layered = {}
    class_trees = {name: tree for name, (_, tree) in classes.items()}
    for name, (document, tree) in clusters.items():
        below = _class_layer(document, tree, class_trees, findings, known="classes" not in hidden)
        if "stages" not in hidden:
            _known_stage(document, tree, list(stages), findings)
        found = None
        if below is not None:
            layers = (
                *_shared("fleet", SHARED_BY_FLEET, trees.get(root)),
                *_stage_layer(document, stages),
                *below,
                *_spec_layer(f"cluster {name}", tree),
            )
            labels = document.metadata.labels
            found = _layer(name, layers, labels, lists, findings, sound=lists_sound)
        if found is None:
            hidden["clusters"] = None
        else:
            layered[name] = msgspec.structs.replace(found, full_name=_full_name(name, fleet))
    return FleetRepository(
        fleet,
        layered,
        lists,
        tuple(stage for stage, _ in stages.values()),
        tools,
        tuple(policy for policy, _ in policies.values()),
        tuple(one for one, _ in classes.values()),
        trees,
        values,
        tuple(hidden),
    )


def _missing(file: str) -> Mistakes:
    wrong = "there is no such file"
    return Mistakes([Mistake(Place(file, 0, 0), "", wrong, "write it", "missing")])


def _trees(
    files: Mapping[PurePosixPath, bytes],
    shown: Callable[[PurePosixPath], str],
    findings: Findings,
) -> tuple[dict[PurePosixPath, Node], dict[PurePosixPath, Node]]:
    """Return the documents and the tools' values as trees, those that can be parsed."""
    trees: dict[PurePosixPath, Node] = {}
    values: dict[PurePosixPath, Node] = {}
    for path, text in sorted(files.items()):
        try:
            if is_tool_values(path):
                values[path] = read_tool_values(text, shown(path), findings)
            else:
                trees[path] = parse_yaml(text, shown(path))
        except Mistakes as error:
            findings.extend(error.all)
    return trees, values


def _lists(
    files: Mapping[PurePosixPath, bytes], trees: Mapping[PurePosixPath, Node], findings: Findings
) -> tuple[InstanceLists, bool]:
    """Return the lists of instance types by name, and whether all of them are as they should be."""
    lists: dict[str, tuple[str, ...]] = {}
    own = Findings()
    paths = [path for path in sorted(files) if path.parts[:2] == ("snippets", "instance-types")]
    for path in paths:
        lists[path.stem] = read_instance_list(trees[path], own) if path in trees else ()
    findings.extend(own.as_error().all)
    return lists, not own and all(path in trees for path in paths)


def _document(kind: type[D], tree: Node, findings: Findings) -> D | None:
    document, _ = read(kind, tree, findings)
    return document


def _tools(trees: Mapping[PurePosixPath, Node], findings: Findings) -> tuple[Tool, ...]:
    """Return the tools, each of whose values are found by its folder's name."""
    found = []
    for path, tree in trees.items():
        if path.parts[0] != "tools":
            continue
        tool = _document(Tool, tree, findings)
        if tool is None:
            continue
        found.append(tool)
        if tool.metadata.name != path.parent.name:
            at: Path = ("metadata", "name")
            wrong = f"{tool.metadata.name!r} is not the name of its folder"
            advice = f"write {path.parent.name!r}, or rename the folder"
            findings.add(place_of(tree, at), at, wrong, advice)
    return tuple(found)


def _folder(
    kind: type[D],
    folder: str,
    trees: Mapping[PurePosixPath, Node],
    findings: Findings,
    hidden: dict[str, None],
    *,
    overlays: bool = False,
) -> dict[str, tuple[D, Node]]:
    """Return the documents of a folder by name; it is hidden where nothing is left of one.

    In documents that are `overlays` of others a null takes away what the others say.
    """
    found: dict[str, tuple[D, Node]] = {}
    for path, tree in trees.items():
        if path.parts[0] != folder:
            continue
        document = _document(kind, without_nulls(tree) if overlays else tree, findings)
        if document is None:
            hidden[folder] = None
            continue
        name = document.metadata.name
        if name in found:
            place = node_at(tree, ("metadata", "name"))
            findings.add(
                place.place if place else tree.place,
                ("metadata", "name"),
                f"{name!r} is the name of another document in {folder}/",
                "give each its own name",
                "duplicate",
            )
        found[name] = (document, tree)
    return found


def _shared(said_by: str, keys: tuple[str, ...], tree: Node | None) -> tuple[Layer, ...]:
    """Return the settings of a document's spec that lie below its clusters'."""
    spec = None if tree is None else node_at(tree, ("spec",))
    if not isinstance(spec, Map):
        return ()
    entries = {key: spec.entries[key] for key in keys if key in spec.entries}
    return (Layer(said_by, Map(entries, spec.place)),) if entries else ()


def _stage_layer(cluster: Cluster, stages: Mapping[str, tuple[Stage, Node]]) -> tuple[Layer, ...]:
    name = cluster.spec.stage
    if name is None or name not in stages:
        return ()
    return _shared(f"stage {name}", SHARED_BY_STAGE, stages[name][1])


def _spec_layer(said_by: str, tree: Node) -> tuple[Layer, ...]:
    spec = node_at(tree, ("spec",))
    return () if spec is None else (Layer(said_by, spec),)


def _class_layer(
    cluster: Cluster, tree: Node, classes: Mapping[str, Node], findings: Findings, *, known: bool
) -> tuple[Layer, ...] | None:
    """Return the layer of a cluster's class, None when there is no such class.

    That is a mistake only where all classes are `known`.
    """
    name = cluster.spec.cluster_class
    if name is None:
        return ()
    if name not in classes:
        if not known:
            return None
        place = node_at(tree, ("spec", "class"))
        findings.add(
            place.place if place else tree.place,
            ("spec", "class"),
            f"there is no class {name!r}",
            did_you_mean(name, classes, what="classes"),
            "unknown name",
        )
        return None
    return _spec_layer(f"class {name}", classes[name])


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
        "unknown name",
    )


def _layer(
    name: str,
    layers: tuple[Layer, ...],
    labels: Mapping[str, str],
    lists: InstanceLists,
    findings: Findings,
    *,
    sound: bool,
) -> LayeredCluster | None:
    """Return a cluster of its layers; it is `sound` if its parts are and nothing is noted."""
    own = Findings()
    node = laid_over(*(layer.node for layer in layers))
    spec, reading = read(ClusterSpec, node, own, at=("spec",))
    if spec is not None:
        check_cluster(spec, node, lists, own, reading)
    findings.extend(own.as_error().all)
    if spec is None:
        return None
    return LayeredCluster(name, spec, node, sound and not own, layers, labels)


def _full_name(name: str, fleet: Fleet | None) -> str:
    zone = None if fleet is None else fleet.spec.dns_zone
    return f"{name}.{zone}" if zone else name
