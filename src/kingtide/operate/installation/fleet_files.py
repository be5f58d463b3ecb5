"""The fleet's files in a ConfigMap: those that say something of the cluster, as they are written.

Not the merged result: an error then names the file and line that people know, and `kingtide
explain` tells in the container what it tells at home. Mounted, each key is a file at its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from kingtide.compile.document import Body, Document
from kingtide.compile.kubernetes.config_map import config_map
from kingtide.fleet.documents.tree import Node, node_at, plain
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.repository import FleetRepository, LayeredCluster, read_fleet
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE

CONFIG_MAP = "kingtide-fleet"
MAX_BYTES = 900_000
"""Of all files. A ConfigMap holds a MiB, keys and metadata included (v1.36):
https://kubernetes.io/docs/concepts/configuration/configmap/"""
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_LISTS = ("snippets", "instance-types")


class NotInstallable(ValueError):
    """The fleet's files cannot be put into a ConfigMap; the message says what to do."""


def files_of_cluster(
    fleet: FleetRepository, cluster: LayeredCluster, files: Mapping[PurePosixPath, bytes]
) -> dict[PurePosixPath, bytes]:
    """Return the files that say something of a cluster: the same cluster comes of them alone.

    Raises:
        NotInstallable: another one does.
    """
    spec = cluster.spec
    wanted = {"clusters": cluster.name, "classes": spec.cluster_class, "stages": spec.stage}
    lists = {f"{name}.yaml" for name in _instance_lists(spec)}
    found = {PurePosixPath("fleet.yaml"): files[PurePosixPath("fleet.yaml")]}
    for path, tree in sorted(fleet.documents.items()):
        folder = path.parts[0]
        is_ours = folder in wanted and _name(tree) == wanted[folder]
        # The fleet's policies are of all clusters: admission reads some of them.
        if is_ours or folder == "policies" or (path.parts[:2] == _LISTS and path.name in lists):
            found[path] = files[path]
    read = read_fleet(found, str)
    alone = read.clusters[cluster.name]
    is_same = (alone.spec, alone.full_name) == (spec, cluster.full_name)
    if not is_same or read.policies != fleet.policies:
        raise NotInstallable(f"{cluster.name} is another cluster without the fleet's other files")
    return found


def fleet_config_map(
    files: Mapping[PurePosixPath, bytes], namespace: str = KINGTIDE_NAMESPACE
) -> Document:
    """Return the ConfigMap for the pods of a namespace.

    Raises:
        NotInstallable: a file's name is no key, its content no text, or all are too much.
    """
    size = sum(map(len, files.values()))
    if size > MAX_BYTES:
        raise NotInstallable(
            f"the cluster's files have {size:,} bytes, more than the {MAX_BYTES:,} that a"
            " ConfigMap has room for; divide the class or shorten its lists"
        )
    data: dict[str, str] = {}
    for path, content in files.items():
        try:
            data[_key(path)] = content.decode()
        except UnicodeDecodeError as error:
            raise NotInstallable(f"{path} is no UTF-8 text; write it as such") from error
    return config_map(CONFIG_MAP, namespace, data)


def volume(files: Iterable[PurePosixPath]) -> Body:
    """Return the volume in which every file stands at its path below the fleet's folder."""
    items: list[Body] = [{"key": _key(path), "path": str(path)} for path in files]
    return {"configMap": {"items": [*items], "name": CONFIG_MAP}, "name": "fleet"}


def _key(path: PurePosixPath) -> str:
    key = "_".join(path.parts)
    if not _KEY.fullmatch(key):
        raise NotInstallable(
            f"{path}: a ConfigMap's keys have letters, digits, `-`, `_` and `.` only; rename it"
        )
    return key


def _name(tree: Node) -> str | None:
    found = node_at(tree, ("metadata", "name"))
    return None if found is None else str(plain(found))


def _instance_lists(spec: ClusterSpec) -> set[str]:
    found: set[str] = set()
    for group in spec.node_groups.values():
        for sizes in (group.spot, group.on_demand, group.on_demand_fallback):
            for size in sizes.sizes.values() if sizes is not None else ():
                if isinstance(size.instances, str):
                    found.add(size.instances)
    return found
