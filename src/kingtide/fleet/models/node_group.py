"""Application groups of nodes: one key that expands to at most four Auto Scaling groups."""

from __future__ import annotations

from pydantic import model_validator

from kingtide.aws.autoscaling import AllocationStrategy
from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Count, Name, NameOrList, PositiveCount, Switch


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

    @model_validator(mode="after")
    def _has_one_kind_of_on_demand(self) -> Group:
        if self.on_demand is not None and self.on_demand_fallback is not None:
            raise ValueError(
                "has both onDemand and onDemandFallback, whose groups would have the same names;"
                " keep onDemandFallback where there is spot, onDemand where there is none"
            )
        return self
