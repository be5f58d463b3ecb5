"""Where the instance types of a group are written: in its size, in spot's, or in a shared list."""

from __future__ import annotations

from pathlib import PurePosixPath

from kingtide.check.rules.groups.node_group import NodeGroup
from kingtide.check.rules.kops.origin import origin
from kingtide.check.view import ClusterView, Found
from kingtide.fleet.documents.tree import Node, Path, Scalar, Sequence, node_at, path_text


def found_at_type(
    cluster: ClusterView, group: NodeGroup, name: str, wrong: str, instead: str
) -> Found:
    """Return a finding about one type of a group's list, at the line where it stands.

    Groups and clusters that share the list, as a fallback shares that of its spot group, have one
    finding. What a patch or a manifest says is found there.
    """
    listed = None if group.manifest is not None else _written(cluster, group)
    if listed is None:
        return group.found(cluster, group.types_path, wrong, instead)
    node, path = listed
    at = next((index for index, it in enumerate(node.items) if _says(it, name)), 0)
    return Found(node.items[at].place, path_text((*path, at)), wrong, instead, cluster.name)


def _written(cluster: ClusterView, group: NodeGroup) -> tuple[Sequence, Path] | None:
    """Return a group's list of types and its path in the file; None where no list made it."""
    made = origin(cluster.spec, cluster.cluster.node, group.document, group.types_path)
    if len(made) < len(("nodeGroups", "workers", "spot", "sizes", "4x")) or made[0] != "nodeGroups":
        return None
    _, group_name, field, _, size = made[:5]
    for lifecycle in (field, "spot"):  # a fallback inherits the types of its spot size
        path: Path = ("nodeGroups", group_name, lifecycle, "sizes", size, "instances")
        node = node_at(cluster.cluster.node, path)
        if isinstance(node, Sequence) and node.items:
            return node, ("spec", *path)
        if isinstance(node, Scalar):
            file = PurePosixPath("snippets", "instance-types", f"{node.value}.yaml")
            shared = cluster.fleet.documents.get(file)
            return (shared, ()) if isinstance(shared, Sequence) and shared.items else None
    return None


def _says(node: Node, name: str) -> bool:
    return isinstance(node, Scalar) and node.value == name
