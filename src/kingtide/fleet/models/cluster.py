"""`kind: Cluster` and `kind: ClusterClass`: one cluster, and what clusters share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Name, Priority, Switch
from kingtide.fleet.models.daemon_set import DaemonSet
from kingtide.fleet.models.dns import Dns
from kingtide.fleet.models.downscale import Downscale
from kingtide.fleet.models.iam import Iam
from kingtide.fleet.models.machines import RollingUpdate, RootVolume
from kingtide.fleet.models.metadata import Metadata
from kingtide.fleet.models.network import Network
from kingtide.fleet.models.node_group import Group
from kingtide.fleet.models.overprovisioning import Overprovisioning
from kingtide.fleet.models.patches import Patches
from kingtide.fleet.policies.admission import DERIVED as DERIVED_OF_ADMISSION
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.fleet.policies.disruption import DisruptionPolicy
from kingtide.fleet.policies.dns_autoscaling import DnsAutoscalingPolicy
from kingtide.fleet.policies.hpa import HpaPolicy
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.fleet.policies.safety import SafetyPolicy
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.fleet.policies.written import written_model


class ControlPlane(Written):
    """The control plane's machines."""

    instance_type: str | None = None
    """Its EC2 instance type."""
    per_zone: Switch | None = None
    """One machine in every zone instead of one in all."""
    root_volume: RootVolume | None = None
    """Its disk."""


class ClusterNamespace(Written):
    """A namespace of the cluster."""

    labels: dict[str, str] = {}
    """Its labels."""
    annotations: dict[str, str] = {}
    """Its annotations."""
    node_group: Name | None = None
    """The application group on whose nodes its pods run; when absent, nodes without a taint."""


class ClusterSpec(Written):
    """A cluster's settings.

    A class holds any part of them, and a cluster's own lie over its class's.
    """

    cluster_class: Name | None = Field(default=None, alias="class")
    """The class whose settings lie below these."""
    stage: Name | None = None
    """The stage of rollouts that this cluster belongs to."""
    kubernetes_version: str | None = None
    """Its version; when absent, its stage's or the fleet's."""
    image: str | None = None
    """The machine image of its nodes; when absent, its stage's or the fleet's."""
    tags: dict[str, str] = {}
    """AWS tags that its resources carry, besides the fleet's."""
    account: str | None = None
    """The AWS account's twelve digits, in quotes."""
    region: str | None = None
    """The AWS region."""
    zones: tuple[str, ...] = ()
    """Availability zones by letter (`a`) or name (`eu-west-1a`)."""
    network: Network = Network()
    """Addresses."""
    control_plane: ControlPlane = ControlPlane()
    """The control plane's machines."""
    dns: Dns = Dns()
    """Name resolution of pods."""
    hpa: written_model(HpaPolicy) | None = None  # type: ignore[valid-type]  # made from the policy
    """Flags of the HorizontalPodAutoscaler controller, and the target of those that name none."""
    iam: Iam = Iam()
    """Identities of people and of pods."""
    rolling_update: RollingUpdate = RollingUpdate()
    """How nodes are replaced."""
    autoscaler: written_model(NodeAutoscalingPolicy) | None = None  # type: ignore[valid-type]  # as above
    """Settings of node autoscaling."""
    disruption: written_model(DisruptionPolicy) | None = None  # type: ignore[valid-type]  # as above
    """How many nodes all controllers together may disrupt at once."""
    safety: written_model(SafetyPolicy) | None = None  # type: ignore[valid-type]  # as above
    """When `kingtide run` leaves the cluster alone, whatever its controllers decide."""
    spot_interruption: written_model(SpotInterruptionPolicy) | None = None  # type: ignore[valid-type]  # as above
    """What is done when the cloud takes spot nodes back."""
    ondemand_reclaim: written_model(OndemandReclaimPolicy) | None = None  # type: ignore[valid-type]  # as above
    """When on-demand nodes go back to spot, and ill ones out of the fleet."""
    prescaling: written_model(PrescalingPolicy) | None = None  # type: ignore[valid-type]  # as above
    """The floor of replicas before known events."""
    dns_autoscaling: written_model(DnsAutoscalingPolicy) | None = None  # type: ignore[valid-type]  # as above
    """How many replicas CoreDNS has; when absent, whoever else says it."""
    admission: written_model(AdmissionPolicy, DERIVED_OF_ADMISSION) | None = None  # type: ignore[valid-type]  # as above
    """What objects get that say nothing, and which are refused; when absent, nobody looks."""
    ingress: written_model(IngressPolicy) | None = None  # type: ignore[valid-type]  # as above
    """Which Ingresses the cluster's HAProxy serves, and how; when absent, none."""
    priority_classes: dict[Name, Priority] = {}
    """PriorityClasses by name. `overprovisioning` is the pause pods'."""
    node_groups: dict[Name, Group] = {}
    """Application groups by name."""
    overprovisioning: dict[Name, Overprovisioning] = {}
    """Pause pods by application group."""
    daemon_sets: dict[Name, DaemonSet] = {}
    """What runs on every node, by name."""
    namespaces: dict[Name, ClusterNamespace] = {}
    """Namespaces by name."""
    downscale: Downscale | None = None
    """Timetable after which workloads are scaled to zero; when absent, never."""
    kops: Patches = Patches()
    """Patches on the generated kops documents."""
    kubernetes: Patches = Patches()
    """Patches on the generated Kubernetes objects."""


class Cluster(Written):
    """A cluster of the fleet."""

    api_version: Literal["fleet.kingtide.dev/v1alpha1"]
    kind: Literal["Cluster"]
    metadata: Metadata
    spec: ClusterSpec


class ClusterClass(Written):
    """What several clusters share."""

    api_version: Literal["fleet.kingtide.dev/v1alpha1"]
    kind: Literal["ClusterClass"]
    metadata: Metadata
    spec: ClusterSpec
