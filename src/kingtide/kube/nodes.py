"""Nodes, and the labels and taints that Kubernetes and AWS put on them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.kube.pods import Condition
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint

HOSTNAME_LABEL = "kubernetes.io/hostname"
ZONE_LABEL = "topology.kubernetes.io/zone"
REGION_LABEL = "topology.kubernetes.io/region"
INSTANCE_TYPE_LABEL = "node.kubernetes.io/instance-type"
ARCH_LABEL = "kubernetes.io/arch"
LIFECYCLE_LABEL = "kingtide.dev/lifecycle"
"""`spot` or `on-demand`: written by the fleet's node templates."""
GROUP_LABEL = "kingtide.dev/node-group"
"""The application group (`workers`, `api`) that a node serves."""


class NodeImage(msgspec.Struct, frozen=True, gc=False):
    """An image that a node already has, under all its names."""

    names: tuple[str, ...]
    size_bytes: int


class Node(msgspec.Struct, frozen=True, gc=False):
    """A node as the API server knows it. Times are milliseconds since the Unix epoch.

    `provider_id` is the EC2 instance's (`aws:///eu-west-1a/i-0123`); `deletion_ms` is None while
    nobody asked for its deletion; `unschedulable` is spec.unschedulable, that is, cordoned.
    `conditions` are those beside Ready, by type (`KernelDeadlock`).
    """

    name: str
    uid: str
    labels: Mapping[str, str]
    capacity: Resources
    allocatable: Resources
    created_ms: int
    ready: Condition
    provider_id: str = ""
    annotations: Mapping[str, str] = {}
    taints: tuple[Taint, ...] = ()
    unschedulable: bool = False
    deletion_ms: int | None = None
    resource_version: int = 0
    images: tuple[NodeImage, ...] = ()
    conditions: Mapping[str, Condition] = {}

    @property
    def is_ready(self) -> bool:
        """Whether the Ready condition is True."""
        return self.ready.status == "True"

    @property
    def instance_id(self) -> str:
        """The EC2 instance id at the end of `provider_id`, empty where there is none."""
        return self.provider_id.rsplit("/", 1)[-1]

    @property
    def zone(self) -> str:
        """The availability zone, empty where no label tells."""
        return self.labels.get(ZONE_LABEL, "")

    @property
    def is_spot(self) -> bool:
        """Whether the node runs on a spot instance."""
        return self.labels.get(LIFECYCLE_LABEL) == "spot"
