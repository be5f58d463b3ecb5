"""What rules look at: a fleet's clusters, what they become, and the manifests beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath

import msgspec

from kingtide.check.crd_schema import CrdSchemas
from kingtide.check.kops_documents import KopsDocuments, sorted_documents
from kingtide.check.workload import Workload, workloads_of
from kingtide.compile.compilation import compile_cluster
from kingtide.compile.compiled_cluster import CompiledCluster
from kingtide.fleet.documents.mistakes import Mistake, Mistakes
from kingtide.fleet.documents.tree import (
    Node,
    Path,
    Place,
    Scalar,
    node_at,
    path_text,
    place_of,
)
from kingtide.fleet.expansion import ExpandedGroup, expand_cluster
from kingtide.fleet.manifests import Manifest
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.models.node_group import Size
from kingtide.fleet.repository import FleetRepository, LayeredCluster


class Found(msgspec.Struct, frozen=True):
    """What a rule finds: where, what is wrong, what to write instead.

    `cluster` is empty for what is of the fleet as a whole. `about` names the Kubernetes or kops
    object where `field` is a path in that instead of in a fleet's file.
    """

    place: Place
    field: str
    wrong: str
    instead: str
    cluster: str = ""
    about: str = ""


class SizeView(msgspec.Struct, frozen=True):
    """One Auto Scaling group with where it was written: `path` in the cluster's spec."""

    path: Path
    size: Size
    expanded: ExpandedGroup

    @property
    def is_spot(self) -> bool:
        """Whether it stands among spot sizes."""
        return self.path[2] == "spot"


class ClusterView:
    """One cluster without mistakes; what it becomes is worked out when first asked for."""

    def __init__(
        self,
        fleet: FleetRepository,
        cluster: LayeredCluster,
        manifests: tuple[Manifest, ...],
        workloads: tuple[Workload, ...],
    ) -> None:
        self.fleet = fleet
        self.cluster = cluster
        self.manifests = manifests
        """The Kubernetes objects that are known to run there."""
        self.workloads = workloads
        """What of them makes pods."""

    @property
    def name(self) -> str:
        """Its name in the fleet."""
        return self.cluster.name

    @property
    def spec(self) -> ClusterSpec:
        """Its settings, all layers merged."""
        return self.cluster.spec

    @cached_property
    def full_name(self) -> str:
        """Its name in DNS, or the short one in a fleet that names no zone."""
        return self.cluster.full_name

    @cached_property
    def groups(self) -> tuple[ExpandedGroup, ...]:
        """Its Auto Scaling groups, in the order of the fleet's own expansion."""
        return expand_cluster(self.full_name, self.spec, self.fleet.instance_lists)

    @cached_property
    def sizes(self) -> Mapping[str, tuple[SizeView, ...]]:
        """Its Auto Scaling groups by application group, each with where it was written."""
        expanded = iter(self.groups)
        found: dict[str, tuple[SizeView, ...]] = {}
        for name, group in self.spec.node_groups.items():
            fields = (
                ("spot", group.spot),
                ("onDemand", group.on_demand),
                ("onDemandFallback", group.on_demand_fallback),
            )
            found[name] = tuple(
                SizeView(("nodeGroups", name, field, "sizes", size_name), size, next(expanded))
                for field, sizes in fields
                for size_name, size in (sizes.sizes.items() if sizes is not None else ())
            )
        return found

    @cached_property
    def compiled(self) -> CompiledCluster | Mistakes:
        """What it compiles to, or everything that keeps it from being compiled."""
        try:
            return compile_cluster(self.fleet, self.name)
        except Mistakes as error:
            return error

    @cached_property
    def kops(self) -> KopsDocuments | None:
        """Its kops documents, all patches done; None where it cannot be compiled."""
        if isinstance(self.compiled, Mistakes):
            return None
        return sorted_documents(self.compiled.kops)

    def of_kind(self, kind: str) -> Iterator[Manifest]:
        """Return its manifests of a kind."""
        return (manifest for manifest in self.manifests if manifest.kind == kind)

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Return where a setting, or the nearest one above it, was written."""
        return place_of(self.cluster.node, path, key=key)

    def says(self, path: Path) -> bool:
        """Return whether anybody wrote a setting."""
        return node_at(self.cluster.node, path) is not None

    def found(self, path: Path, wrong: str, instead: str, *, key: bool = False) -> Found:
        """Return a finding about a setting; at its key for what is about all that is below it."""
        field = path_text(("spec", *path))
        return Found(self.place(path, key=key), field, wrong, instead, cluster=self.name)

    def found_in(self, manifest: Manifest, path: Path, wrong: str, instead: str) -> Found:
        """Return a finding about a Kubernetes object."""
        place = place_of(manifest.node, path)
        return Found(place, path_text(path), wrong, instead, self.name, manifest.key)


class FleetView(msgspec.Struct, frozen=True):
    """A fleet as far as it can be read.

    `repository` is None where nothing can. `clusters` are those without mistakes that are asked
    about, `unsound` the names of the others; `mistakes` are all that reading brought, `paths` the
    files' paths below the fleet's folder by how messages name them. `crds` is kops' own schema,
    None where it is not at hand. `unread` are files of the folder that nobody reads.
    """

    repository: FleetRepository | None
    clusters: tuple[ClusterView, ...]
    unsound: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    manifests: tuple[Manifest, ...]
    paths: Mapping[str, PurePosixPath]
    crds: CrdSchemas | None = None
    unread: tuple[str, ...] = ()


def view_of(
    repository: FleetRepository | None,
    mistakes: Iterable[Mistake],
    manifests: tuple[Manifest, ...] = (),
    manifest_paths: Mapping[str, PurePosixPath] | None = None,
    only: Iterable[str] = (),
    crds: CrdSchemas | None = None,
    unread: Mapping[str, PurePosixPath] | None = None,
) -> FleetView:
    """Return a fleet to be checked; `only` names the clusters asked about, none for all.

    `unread` are files that nobody reads, by how messages name them.
    """
    asked = tuple(only)
    sound: list[ClusterView] = []
    unsound: list[str] = []
    paths = {**(manifest_paths or {}), **(unread or {})}
    workloads = workloads_of(manifests)  # once, as most manifests are every cluster's
    if repository is not None:
        paths |= {node.place.file: path for path, node in repository.documents.items()}
        paths |= {node.place.file: path for path, node in repository.tool_values.items()}
        for name, cluster in repository.clusters.items():
            if asked and name not in asked:
                continue
            if cluster.sound:
                theirs = tuple(it for it in manifests if it.cluster in (None, name))
                making_pods = tuple(it for it in workloads if it.manifest.cluster in (None, name))
                sound.append(ClusterView(repository, cluster, theirs, making_pods))
            else:
                unsound.append(name)
        if asked:
            others = _files_of_others(repository, asked)
            mistakes = [it for it in mistakes if it.place.file not in others]
    return FleetView(
        repository,
        tuple(sound),
        tuple(unsound),
        tuple(mistakes),
        manifests,
        paths,
        crds,
        tuple(unread or ()),
    )


def _files_of_others(repository: FleetRepository, asked: tuple[str, ...]) -> frozenset[str]:
    """Return the files of clusters that nobody asks about, as messages name them."""
    return frozenset(
        node.place.file
        for path, node in repository.documents.items()
        if path.parts[0] == "clusters" and _name(node) not in asked
    )


def _name(document: Node) -> str:
    node = node_at(document, ("metadata", "name"))
    return str(node.value) if isinstance(node, Scalar) else ""
