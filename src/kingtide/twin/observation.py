"""The values of all series at one instant, read from what the components keep anyway."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kingtide.kube.pods import pod_requests
from kingtide.twin.cloud.cost import CostMeter
from kingtide.twin.cluster.autoscalers import Autoscalers
from kingtide.twin.cluster.availability import Availability
from kingtide.twin.cluster.current_load import Load
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.scheduler import Scheduler
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application

MICRO_USD = 1_000_000


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
    ) -> None:
        self._applications_read = applications
        self._store = store
        self._scheduler = scheduler
        self._metrics = metrics
        self._autoscalers = autoscalers
        self._availability = availability
        self._cost_meter = cost
        self._requests = tuple(pod_requests(a.template.spec).cpu_millicores for a in applications)

    def observe(self) -> Mapping[str, float]:
        """Return series name -> value, the same names in every call; nothing is changed by it."""
        values: dict[str, float] = {}
        load = self._metrics.load()
        self._nodes(values, load)
        self._cost(values)
        self._applications(values, load)
        for name, tally in self._availability.classes.items():
            values[f"pods.{name}.available"] = tally.available
            values[f"pods.{name}.unavailable"] = tally.unavailable
        return values

    def _nodes(self, values: dict[str, float], load: Load) -> None:
        spot = on_demand = not_ready = 0
        for node in self._store.nodes.values():
            if not node.is_ready:
                not_ready += 1
            elif node.is_spot:
                spot += 1
            else:
                on_demand += 1
        values["nodes.spot"] = spot
        values["nodes.on_demand"] = on_demand
        values["nodes.not_ready"] = not_ready
        table = self._scheduler.cache.table
        requested = int(table.cpu_requested.sum())
        used = int(load.usage.sum())
        values["cores.allocatable"] = int(table.cpu_allocatable.sum()) / 1000
        values["cores.requested"] = requested / 1000
        values["cores.used"] = used / 1000
        values["cores.reserved_not_used"] = max(0, requested - used) / 1000

    def _cost(self, values: dict[str, float]) -> None:
        cost = self._cost_meter
        rate = cost.micro_usd_per_hour("spot") + cost.micro_usd_per_hour("on-demand")
        values["cost.usd_per_hour"] = rate / MICRO_USD

    def _applications(self, values: dict[str, float], load: Load) -> None:
        columns = self._metrics.columns
        count = len(self._applications_read)
        used = np.bincount(
            columns.application.astype(np.int64) + 1, weights=load.usage, minlength=count + 1
        )
        running = np.bincount(
            columns.application.astype(np.int64) + 1, weights=columns.request, minlength=count + 1
        )
        for number, application in enumerate(self._applications_read):
            tally = self._availability.applications[application.key]
            prefix = f"app.{application.name}"
            cores_used = int(used[number + 1]) / 1000
            requested = tally.bound * self._requests[number] / 1000
            if application.rollouts:
                # Its pods may request different amounts; those that run are known one by one.
                requested = int(running[number + 1]) / 1000
            values[f"{prefix}.available"] = tally.available
            values[f"{prefix}.unavailable"] = tally.unavailable
            wanted = self._store.wanted_replicas(application.key)
            values[f"{prefix}.replicas"] = tally.wanted if wanted is None else wanted
            values[f"{prefix}.used"] = cores_used
            values[f"{prefix}.requested"] = requested
            values[f"{prefix}.reserved_not_used"] = max(0.0, requested - cores_used)
            values[f"{prefix}.demand"] = int(load.demand[number]) / 1000
            values[f"{prefix}.unserved"] = int(load.unserved[number]) / 1000
            trigger = self._autoscalers.trigger_millicores(application.key, tally.available)
            if trigger is not None:
                values[f"{prefix}.hpa_trigger"] = trigger / 1000
