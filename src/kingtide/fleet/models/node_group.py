"""Application groups of nodes: one key that expands to at most four Auto Scaling groups."""

from __future__ import annotations

from pydantic import model_validator

from kingtide.aws.autoscaling import AllocationStrategy
from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Count, Name, NameOrList, PositiveCount, Switch
from kingtide.fleet.models.amounts import Amounts
from kingtide.fleet.models.downscale import Downscale
from kingtide.fleet.models.group_defaults import GroupDns, GroupHpa
from kingtide.fleet.models.machines import RollingUpdate, RootVolume


class Size(Written):
    """One Auto Scaling group: instances of one number of CPUs."""

    instances: NameOrList | None = None
    """A file of snippets/instance-types without its ending, or a list of instance types.

    A fallback without it takes the spot group's types of the same size.
    """
    min: Count | None = None
    """Fewest instances, 0 when absent."""
    max: PositiveCount | None = None
    """Most instances; required once class and cluster are merged."""
    typical: Count | None = None
    """Instances on an ordinary evening, for prices in plans; when absent, those at its minimum."""

    @property
    def min_size(self) -> int:
        """Fewest instances."""
        return self.min or 0


class Sizes(Written):
    """The sizes of one lifecycle of a group."""

    sizes: dict[Name, Size]
    """Auto Scaling groups by size (`4x`, `8x`)."""


class SpotSizes(Sizes):
    """The sizes of a group's spot instances, and which of the types a launch takes."""

    sizes: dict[Name, Size] = {}
    """Auto Scaling groups by size; a layer that only says the strategy has none."""
    allocation_strategy: AllocationStrategy = "capacity-optimized"
    """How a spot group chooses among its instance types; the default is interrupted least.

    Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/allocation-strategies.html
    """


class Group(Written):
    """Nodes for a group of applications."""

    dedicated: Switch = False
    """Give the nodes a taint that only applications naming this group tolerate."""
    spot: SpotSizes | None = None
    """Groups of spot instances: `spot-nodes-<group>-<size>`."""
    on_demand_fallback: Sizes | None = None
    """On-demand groups for when spot has no capacity: `on-demand-<group>-<size>`."""
    on_demand: Sizes | None = None
    """Groups that are on-demand always, for what must not be reclaimed.

    `on-demand-<group>-<size>`.
    """

    zones: tuple[str, ...] | None = None
    """Zones of its nodes; when absent, the cluster's."""
    labels: dict[str, str] = {}
    """Further labels of its nodes."""
    root_volume: RootVolume | None = None
    """The disk of its nodes."""
    rolling_update: RollingUpdate | None = None
    """How its nodes are replaced; when absent, as the cluster's."""
    priority_class: Name | None = None
    """The PriorityClass of its applications that name none; when absent, the cluster's default."""
    hpa: GroupHpa | None = None
    """What autoscalers of its applications start from."""
    dns: GroupDns | None = None
    """Name resolution of its pods; when absent, as the cluster's."""
    downscale: Downscale | None = None
    """A timetable of its own for its namespaces; when absent, the cluster's."""
    daemon_set_overhead: Amounts | None = None
    """What DaemonSets that the cluster's `daemonSets` do not list take of each of its nodes."""

    @model_validator(mode="after")
    def _has_one_kind_of_on_demand(self) -> Group:
        if self.on_demand is not None and self.on_demand_fallback is not None:
            raise ValueError(
                "has both onDemand and onDemandFallback, whose groups would have the same names;"
                " keep onDemandFallback where there is spot, onDemand where there is none"
            )
        return self
