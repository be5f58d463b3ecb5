"""The values of all series at one instant, read from what the components keep anyway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kingtide.twin.application_series import ApplicationSeries
from kingtide.twin.cloud.cost import CostMeter
from kingtide.twin.cluster.autoscalers import Autoscalers
from kingtide.twin.cluster.availability import Availability
from kingtide.twin.cluster.current_load import Load
from kingtide.twin.cluster.dns import ClusterDns
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.scheduler import Scheduler
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application
from kingtide.twin.ingress.account import MICRO
from kingtide.twin.ingress.ingress import TwinIngress
from kingtide.twin.load.names import WHOLE
from kingtide.twin.node_counts import NodeCounts

MICRO_USD = 1_000_000

_FLEET = (
    "nodes.spot", "nodes.on_demand", "nodes.not_ready", "cores.allocatable", "cores.requested",
    "cores.used", "cores.reserved_not_used", "cost.usd_per_hour",
)  # fmt: skip
_PODS = ("available", "unavailable")
_DNS = ("dns.lookups_per_second", "dns.core_dns_queries_per_second", "dns.failed_percent")


class Observer:
    """Reads a world. Cores are cores, not millicores, because series are for people."""

    def __init__(
        self,
        applications: tuple[Application, ...],
        store: Store,
        scheduler: Scheduler,
        metrics: Metrics,
        autoscalers: Autoscalers,
        availability: Availability,
        cost: CostMeter,
        dns: ClusterDns | None = None,
        ingress: TwinIngress | None = None,
    ) -> None:
        self._scheduler = scheduler
        self._metrics = metrics
        self._availability = availability
        self._cost_meter = cost
        self._dns = dns
        self._ingress = ingress
        self._nodes = NodeCounts(store)
        self.applications = ApplicationSeries(
            applications, store, metrics.columns, availability, autoscalers
        )
        self._names_of_pods = tuple(
            f"pods.{name}.{what}" for name in availability.classes for what in _PODS
        )
        self._names = (*_FLEET, *self.applications.names, *self._names_of_pods)
        self._of_applications: Sequence[float] | None = None
        self._last: dict[str, float] = {}

    def observe(self) -> Mapping[str, float]:
        """Return series name -> value, the same names in every call; nothing is changed by it."""
        load = self._metrics.load()
        applications = self.applications.values(load)
        classes = self._availability.classes.values()
        pods = [count for tally in classes for count in (tally.available, tally.unavailable)]
        if applications is not self._of_applications:
            self._of_applications = applications
            values = (*self._fleet(load), *applications, *pods)
            self._last = dict(zip(self._names, values, strict=True))
        else:
            self._last.update(zip(_FLEET, self._fleet(load), strict=True))
            self._last.update(zip(self._names_of_pods, pods, strict=True))
        if self._dns is not None:
            found = self._dns.answered
            shown = (found.lookups, found.asked_of_core_dns, found.failed * 100 / WHOLE)
            self._last.update(zip(_DNS, shown, strict=True))
        if self._ingress is not None:
            self._last.update(_requests(self._ingress))
        return self._last.copy()

    def _fleet(self, load: Load) -> tuple[float, ...]:
        """Return the values of `_FLEET`."""
        nodes, cost = self._nodes, self._cost_meter
        table = self._scheduler.cache.table
        requested = int(table.cpu_requested.sum())
        used = int(load.usage.sum())
        rate = cost.micro_usd_per_hour("spot") + cost.micro_usd_per_hour("on-demand")
        return (
            nodes.spot,
            nodes.on_demand,
            nodes.not_ready,
            int(table.cpu_allocatable.sum()) / 1000,
            requested / 1000,
            used / 1000,
            max(0, requested - used) / 1000,
            rate / MICRO_USD,
        )


def _requests(ingress: TwinIngress) -> Iterator[tuple[str, float]]:
    """Yield what was counted since the world began: series that only grow."""
    for key in ingress.keys:
        counts = ingress.counts(key)
        name = key.rpartition("/")[2]
        yield f"requests.{name}.failed", counts.failed / MICRO
        yield f"requests.{name}.retries", counts.retries / MICRO
