"""What a pod costs an hour: the larger of its shares of a node, at the price of its nodes.

An estimate: it takes nodes to be full and to go with their pods, and leaves out DaemonSets and what
the kubelet keeps. Rehearsing the week says what really comes of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kingtide.aws.autoscaling import Lifecycle
from kingtide.aws.instance_types import instance_type
from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.fleet.expansion import ExpandedGroup
from kingtide.kube.resources import Resources

Prices = Mapping[tuple[str, Lifecycle], int]
"""Micro-USD an hour by instance type and market, where they are other than the table's."""


class PodPrices:
    """Prices of pods on the groups of one cluster."""

    def __init__(
        self, groups: Sequence[ExpandedGroup], region: str | None, overrides: Prices
    ) -> None:
        self._groups = groups
        self._region = region
        self._overrides = overrides

    def micro_usd_per_hour(self, requests: Resources, serves: str | None) -> int | None:
        """Return what a pod costs an hour, None where no group of the cluster could run it.

        The mean over the instance types of the group's spot part, or of its on-demand part where
        it has no other.
        """
        if requests.cpu_millicores == 0 and requests.memory_bytes == 0:
            return None
        costs = [self._cost(requests, name, lifecycle) for name, lifecycle in self._types(serves)]
        return None if not costs else sum(costs) // len(costs)

    def _types(self, serves: str | None) -> list[tuple[str, Lifecycle]]:
        able = [
            it
            for it in self._groups
            if (it.serves == serves if serves is not None else not it.taints)
        ]
        spot = [it for it in able if it.group.on_demand_percentage_above_base == 0]
        lifecycle: Lifecycle = "spot" if spot else "on-demand"
        found = {name: None for it in spot or able for name in it.group.instance_types}
        return [(name, lifecycle) for name in found]

    def _cost(self, requests: Resources, name: str, lifecycle: Lifecycle) -> int:
        found = instance_type(name)
        price = self._overrides.get((name, lifecycle))
        if price is None:
            price = (
                price_micro_usd_per_hour(name, lifecycle)
                if self._region is None
                else price_micro_usd_per_hour(name, lifecycle, self._region)
            )
        by_cpu = price * requests.cpu_millicores // (1000 * found.vcpus)
        by_memory = price * requests.memory_bytes // (found.memory_mib << 20)
        return max(by_cpu, by_memory)


ASSUMPTIONS = (
    "Pods cost the larger of their shares of a node's CPU and memory.",
    "Nodes cost the mean of their group's spot instance types, on-demand ones without any.",
    "Spot prices are averages over a month; nodes are taken to be full and to go with their pods.",
    "Grace periods, what somebody scales by hand and pods that force uptime are not foreseen.",
    "Rehearse the week for what comes of it: DaemonSets, packing and scale-down count there.",
)
