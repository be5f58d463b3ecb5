"""How evenly nodes lie over zones, and what the traffic between zones costs, step by step.

Traffic is a plain model (`cloud.crossZoneTraffic`): requests come from all Ready nodes alike and go
to all ready pods of an application alike. Of Z zones with shares n of the nodes and p of the pods,
1 - sum(n * p) of it crosses zones, and each gigabyte is charged in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from kingtide.kube.nodes import ZONE_LABEL, Node

if TYPE_CHECKING:
    from kingtide.twin.world import World

KILOBYTES_PER_GIGABYTE = 1_000_000
MICRO_USD_PER_USD = 1_000_000
DIRECTIONS = 2


class ZoneFigures(msgspec.Struct, frozen=True):
    """One value a step, in percent and as a ratio, and the traffic of the whole run.

    `ratios` is the fullest zone's nodes over the emptiest's, None where that has none. Traffic is
    None where it is not priced.
    """

    skew_percents: Sequence[float]
    ratios: Sequence[float | None]
    crossed_gigabytes: float | None
    crossed_usd: float | None


class ZoneBalance:
    """Follows Ready nodes by zone; `look` is called at every step of a recording."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._traffic = world.definition.cloud.cross_zone_traffic
        groups = world.definition.node_groups
        names = sorted({zone: None for it in groups for zone in it.group.zones})
        self._zones: Mapping[str, int] = {zone: number for number, zone in enumerate(names)}
        self._ready = [0] * len(names)
        self._skews: list[float] = []
        self._ratios: list[float | None] = []
        self._crossing_kilobytes_per_second = 0.0
        self._crossed_kilobytes = 0.0
        self._looked_ms = world.engine.now_ms
        for node in world.store.nodes.values():
            self._on_node(None, node)
        world.store.on_nodes(self._on_node)

    def look(self, values: Mapping[str, float]) -> None:
        """Add a step; `values` are those of the series at this instant."""
        ready = self._ready or [0]
        most, least, total = max(ready), min(ready), sum(ready)
        self._skews.append(100 * (most - least) / total if total else 0.0)
        self._ratios.append(most / least if least else None)
        if self._traffic is None:
            return
        now_ms = self._world.engine.now_ms
        passed_seconds = (now_ms - self._looked_ms) / 1000
        if len(self._skews) > 1:  # before the first look nothing is recorded
            self._crossed_kilobytes += self._crossing_kilobytes_per_second * passed_seconds
        self._looked_ms = now_ms
        cores = self._crossing_cores(values)
        self._crossing_kilobytes_per_second = cores * self._traffic.kilobytes_per_core_second

    def figures(self) -> ZoneFigures:
        """Return what was seen."""
        if self._traffic is None:
            return ZoneFigures(self._skews, self._ratios, None, None)
        gigabytes = self._crossed_kilobytes / KILOBYTES_PER_GIGABYTE
        usd_per_gigabyte = self._traffic.micro_usd_per_gigabyte / MICRO_USD_PER_USD
        usd = DIRECTIONS * gigabytes * usd_per_gigabyte
        return ZoneFigures(self._skews, self._ratios, gigabytes, usd)

    def _crossing_cores(self, values: Mapping[str, float]) -> float:
        """Return the served cores whose requests come from another zone."""
        total = sum(self._ready)
        if not total:
            return 0.0
        pods = self._serving_by_zone()
        crossing = 0.0
        for number, application in enumerate(self._world.definition.applications):
            serving = int(pods[number].sum())
            if not serving:
                continue
            name = f"app.{application.name}"
            served = values[f"{name}.demand"] - values[f"{name}.unserved"]
            same = sum(
                ready * int(here) for ready, here in zip(self._ready, pods[number], strict=True)
            )
            crossing += served * (1 - same / (total * serving))
        return crossing

    def _serving_by_zone(self) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """Return the ready pods of each application in each zone."""
        world, width = self._world, len(self._zones)
        columns = world.metrics.columns
        zone_of_row = np.full(int(columns.node.max(initial=0)) + 1, -1, np.int64)
        for node in world.store.nodes.values():
            row, zone = world.metrics.node_row(node.name), self._zone_of(node)
            if row is not None and zone is not None and row < len(zone_of_row):
                zone_of_row[row] = zone
        counted = columns.serving & (columns.application >= 0) & (columns.node >= 0)
        zones = zone_of_row[columns.node[counted]]
        applications = columns.application[counted].astype(np.int64)
        known = zones >= 0
        counts = np.bincount(
            applications[known] * width + zones[known],
            minlength=len(world.definition.applications) * width,
        )
        return counts.reshape(-1, width)

    def _zone_of(self, node: Node) -> int | None:
        return self._zones.get(node.labels.get(ZONE_LABEL, ""))

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        for node, change in ((old, -1), (new, 1)):
            if node is not None and node.is_ready:
                zone = self._zone_of(node)
                if zone is not None:
                    self._ready[zone] += change
