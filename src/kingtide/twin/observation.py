"""The values of all series at one instant, read from what the components keep anyway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from kingtide.kube.pods import pod_requests

if TYPE_CHECKING:
    from kingtide.twin.world import World

MICRO_USD = 1_000_000


class Observer:
    """Reads a world. Cores are cores, not millicores, because series are for people."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._requests = tuple(
            pod_requests(a.template.spec).cpu_millicores for a in world.definition.applications
        )

    def observe(self) -> Mapping[str, float]:
        """Return series name -> value, the same names in every call."""
        self._world.metrics.step()
        values: dict[str, float] = {}
        self._nodes(values)
        self._cost(values)
        self._applications(values)
        for name, tally in self._world.availability.classes.items():
            values[f"pods.{name}.available"] = tally.available
            values[f"pods.{name}.unavailable"] = tally.unavailable
        return values

    def _nodes(self, values: dict[str, float]) -> None:
        spot = on_demand = not_ready = 0
        for node in self._world.store.nodes.values():
            if not node.is_ready:
                not_ready += 1
            elif node.is_spot:
                spot += 1
            else:
                on_demand += 1
        values["nodes.spot"] = spot
        values["nodes.on_demand"] = on_demand
        values["nodes.not_ready"] = not_ready
        table = self._world.scheduler.cache.table
        requested = int(table.cpu_requested.sum())
        used = int(self._world.metrics.columns.usage.sum())
        values["cores.allocatable"] = int(table.cpu_allocatable.sum()) / 1000
        values["cores.requested"] = requested / 1000
        values["cores.used"] = used / 1000
        values["cores.reserved_not_used"] = max(0, requested - used) / 1000

    def _cost(self, values: dict[str, float]) -> None:
        cost = self._world.cloud.cost
        rate = cost.micro_usd_per_hour("spot") + cost.micro_usd_per_hour("on-demand")
        values["cost.usd_per_hour"] = rate / MICRO_USD

    def _applications(self, values: dict[str, float]) -> None:
        world = self._world
        columns = world.metrics.columns
        count = len(world.definition.applications)
        used = np.bincount(
            columns.application.astype(np.int64) + 1, weights=columns.usage, minlength=count + 1
        )
        for number, application in enumerate(world.definition.applications):
            tally = world.availability.applications[application.key]
            prefix = f"app.{application.name}"
            cores_used = int(used[number + 1]) / 1000
            requested = tally.bound * self._requests[number] / 1000
            values[f"{prefix}.available"] = tally.available
            values[f"{prefix}.unavailable"] = tally.unavailable
            values[f"{prefix}.replicas"] = world.store.deployments[application.key].replicas
            values[f"{prefix}.used"] = cores_used
            values[f"{prefix}.requested"] = requested
            values[f"{prefix}.reserved_not_used"] = max(0.0, requested - cores_used)
            values[f"{prefix}.demand"] = int(world.metrics.demand_millicores[number]) / 1000
            values[f"{prefix}.unserved"] = int(world.metrics.unserved_millicores[number]) / 1000
            trigger = world.autoscalers.trigger_millicores(application.key, tally.available)
            if trigger is not None:
                values[f"{prefix}.hpa_trigger"] = trigger / 1000
