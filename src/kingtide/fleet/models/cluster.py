"""`kind: Cluster` and `kind: ClusterClass`: one cluster, and what clusters share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kingtide.fleet.documents.written import Metadata, Written
from kingtide.fleet.fields import (
    Count,
    DurationMs,
    Name,
    NumberOrPercentage,
    Priority,
    Seconds,
    Switch,
)
from kingtide.fleet.models.node_group import Group
from kingtide.fleet.models.overprovisioning import Overprovisioning
from kingtide.fleet.policies.disruption import DisruptionPolicy
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.written import written_model


class Network(Written):
    """Addresses."""

    cidr: str | None = None
    """The VPC's range."""
    pods: str | None = None
    """The pod network (`calico`, `cilium`)."""


class ControlPlane(Written):
    """The control plane's machines."""

    instance_type: str | None = None
    """Its EC2 instance type."""
    per_zone: Switch | None = None
    """One machine in every zone instead of one in all."""


class Dns(Written):
    """Name resolution of pods."""

    node_local: Switch | None = None
    """A cache on every node."""
    ndots: Count | None = None
    """The `ndots` option of pods' resolv.conf."""


class HpaDefaults(Written):
    """The HorizontalPodAutoscaler controller's flags on this cluster."""

    downscale_stabilization: Seconds | None = None
    """--horizontal-pod-autoscaler-downscale-stabilization."""


class RollingUpdate(Written):
    """How nodes are replaced."""

    max_surge: NumberOrPercentage | None = None
    """Nodes added while rolling, a number or a percentage."""
    max_unavailable: NumberOrPercentage | None = None
    """Nodes missing while rolling, a number or a percentage."""


class DownscaleExclusions(Written):
    """What a downscale timetable leaves alone."""

    namespaces: tuple[str, ...] = ()
    """Namespaces left alone."""
    labels: dict[str, str] = {}
    """Workloads with one of these labels are left alone."""


class Downscale(Written):
    """When workloads run and when they are scaled to zero."""

    timezone: str
    """The timetable's zone, for example Europe/Paris."""
    uptime: tuple[str, ...]
    """Times of work, for example `Mon-Fri 07:30-20:00`."""
    grace_period: DurationMs | None = None
    """Workloads younger than this are left alone."""
    exclude: DownscaleExclusions = DownscaleExclusions()
    """What is left alone."""


class ClusterSpec(Written):
    """A cluster's settings.

    A class holds any part of them, and a cluster's own lie over its class's.
    """

    cluster_class: Name | None = Field(default=None, alias="class")
    """The class whose settings lie below these."""
    stage: Name | None = None
    """The stage of rollouts that this cluster belongs to."""
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
    hpa: HpaDefaults = HpaDefaults()
    """Flags of the HorizontalPodAutoscaler controller."""
    rolling_update: RollingUpdate = RollingUpdate()
    """How nodes are replaced."""
    autoscaler: written_model(NodeAutoscalingPolicy) | None = None  # type: ignore[valid-type]
    """Settings of node autoscaling."""
    disruption: written_model(DisruptionPolicy) | None = None  # type: ignore[valid-type]
    """How many nodes all controllers together may disrupt at once."""
    priority_classes: dict[Name, Priority] = {}
    """PriorityClasses by name. `overprovisioning` is the pause pods'."""
    node_groups: dict[Name, Group] = {}
    """Application groups by name."""
    overprovisioning: dict[Name, Overprovisioning] = {}
    """Pause pods by application group."""
    downscale: Downscale | None = None
    """Timetable after which workloads are scaled to zero; None for never."""


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
