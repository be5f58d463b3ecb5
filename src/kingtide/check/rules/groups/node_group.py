"""An InstanceGroup of nodes as the rules of this folder look at it: generated, or in a manifest.

What is generated has all patches done; of a cluster that cannot be compiled it is what the fleet
says before any patch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from kingtide.aws.instance_types import INSTANCE_TYPES, InstanceType
from kingtide.check.kops_documents import Fault, role_of
from kingtide.check.plain_values import items_at, map_at, number_at, text_at, texts_at
from kingtide.check.rules.kops.located import located
from kingtide.check.rules.kops.origin import origin
from kingtide.check.view import ClusterView, Found
from kingtide.compile.document import Document
from kingtide.compile.kops.node_groups import node_groups
from kingtide.compile.subject import Subject
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.manifests import Manifest
from kingtide.kube.nodes import GROUP_LABEL, LIFECYCLE_LABEL

UNLABELLED = "nodes of no application group"
MIXED: Path = ("spec", "mixedInstancesPolicy")
INSTANCES: Path = (*MIXED, "instances")
ABOVE_BASE: Path = (*MIXED, "onDemandAboveBase")
STRATEGY: Path = (*MIXED, "spotAllocationStrategy")


class NodeGroup(msgspec.Struct, frozen=True):
    """An InstanceGroup of role Node; `manifest` is None for a generated one."""

    document: Document
    manifest: Manifest | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.document.name

    @property
    def serves(self) -> str:
        """The application group of its nodes.

        Without a label of one its nodes serve whatever tolerates their taints, as all such do.
        """
        return self.labels.get(GROUP_LABEL) or ", ".join(sorted(self.taints)) or UNLABELLED

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of its nodes."""
        found = map_at(self.document.body, "spec", "nodeLabels")
        return {key: value for key, value in found.items() if isinstance(value, str)}

    @property
    def taints(self) -> tuple[str, ...]:
        """The taints of its nodes, as `key=value:Effect`."""
        return tuple(text for _, text in texts_at(self.document.body, "spec", "taints"))

    @property
    def types(self) -> tuple[str, ...]:
        """Its instance types in their order, unknown ones among them."""
        listed = tuple(text for _, text in texts_at(self.document.body, *INSTANCES))
        machine = text_at(self.document.body, "spec", "machineType")
        return listed or ((machine,) if machine else ())

    @property
    def known(self) -> tuple[InstanceType, ...]:
        """Its instance types of which there are figures, in their order."""
        return tuple(INSTANCE_TYPES[it] for it in self.types if it in INSTANCE_TYPES)

    @property
    def types_path(self) -> Path:
        """Where its types are said."""
        listed = items_at(self.document.body, *INSTANCES)
        return INSTANCES if listed else ("spec", "machineType")

    @property
    def above_base(self) -> int | None:
        """The share of on-demand, in percent; None where nothing is said."""
        return number_at(self.document.body, *ABOVE_BASE)

    @property
    def strategy(self) -> str:
        """How spot chooses among types; empty where nothing is said."""
        return text_at(self.document.body, *STRATEGY)

    @property
    def is_meant_for_spot(self) -> bool:
        """Whether its label, its name or its policy says that its nodes are spot."""
        lifecycle = self.labels.get(LIFECYCLE_LABEL)
        if lifecycle is not None:
            return lifecycle == "spot"
        named = self.name.startswith("spot-")
        return named or bool(self.strategy) or self.above_base == 0 or self.is_spot_by_price

    @property
    def is_spot_by_price(self) -> bool:
        """Whether it bids for spot with a price instead of a policy.

        Source: https://kops.sigs.k8s.io/instance_groups/#maxprice (1.35).
        """
        spec = map_at(self.document.body, "spec")
        return spec.get("maxPrice") is not None and spec.get("mixedInstancesPolicy") is None

    @property
    def zones(self) -> tuple[str, ...]:
        """Its subnets, which are named after their zones."""
        return tuple(text for _, text in texts_at(self.document.body, "spec", "subnets"))

    @property
    def max_size(self) -> int:
        """The most instances it may have; kops takes 2 where nothing is said.

        Source: https://kops.sigs.k8s.io/instance_groups/ (1.35).
        """
        found = number_at(self.document.body, "spec", "maxSize")
        return 2 if found is None else found

    def found(self, cluster: ClusterView, path: Path, wrong: str, instead: str) -> Found:
        """Return a finding about one of its fields, at the place that made it."""
        if self.manifest is not None:
            return cluster.found_in(self.manifest, path, wrong, instead)
        return located(cluster, Fault(self.document, path, wrong, instead))

    def found_once(self, cluster: ClusterView, path: Path, wrong: str, instead: str) -> Found:
        """Return a finding that several groups have of one field of the fleet, without its name."""
        if self.manifest is not None:
            return cluster.found_in(self.manifest, path, wrong, instead)
        made = origin(cluster.spec, cluster.cluster.node, self.document, path)
        return cluster.found(made, wrong, instead)


def node_groups_of(cluster: ClusterView) -> Iterator[NodeGroup]:
    """Yield a cluster's groups of nodes: the generated ones, then those of its manifests."""
    for document in _generated(cluster):
        if role_of(document) == "Node":
            yield NodeGroup(document)
    for manifest in cluster.of_kind("InstanceGroup"):
        body = manifest.value(())
        if isinstance(body, dict) and role_of(document := Document(body)) == "Node":
            yield NodeGroup(document, manifest)


def by_application_group(cluster: ClusterView) -> Mapping[str, tuple[NodeGroup, ...]]:
    """Return a cluster's groups of nodes by the application group that they serve."""
    found: dict[str, tuple[NodeGroup, ...]] = {}
    for group in node_groups_of(cluster):
        found[group.serves] = (*found.get(group.serves, ()), group)
    return found


def _generated(cluster: ClusterView) -> tuple[Document, ...]:
    if cluster.kops is not None:
        return cluster.kops.groups
    subject = Subject(cluster.cluster, cluster.full_name, "", cluster.groups, (), Findings())
    return node_groups(subject)
