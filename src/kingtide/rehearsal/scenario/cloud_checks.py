"""Capacity pools that are out and nodes at the start, as the cluster's groups know them."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.aws.autoscaling import CapacityPool, Lifecycle
from kingtide.aws.instance_types import INSTANCE_TYPES
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.expansion import ExpandedGroup, zone_names
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.rehearsal.scenario.application_checks import check_stretch
from kingtide.rehearsal.scenario.model import PoolOutage, RehearsalSpec
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.times import ScenarioClock
from kingtide.twin.definition import PoolOutage as TwinPoolOutage

_LIFECYCLES: Mapping[str, tuple[Lifecycle, ...]] = {
    "spot": ("spot",),
    "on-demand": ("on-demand",),
    "any": ("spot", "on-demand"),
}


def read_outages(
    spec: RehearsalSpec,
    cluster: ClusterSpec,
    groups: tuple[ExpandedGroup, ...],
    clock: ScenarioClock,
    noter: Noter,
) -> tuple[TwinPoolOutage, ...]:
    """Return the pools without capacity, noting types and zones that are not used."""
    used = sorted({name: None for group in groups for name in group.group.instance_types})
    found: list[TwinPoolOutage] = []
    for index, outage in enumerate(spec.cloud.outages):
        path: Path = ("spec", "cloud", "outages", index)
        stretch = check_stretch(path, outage.begin, outage.until, clock, noter)
        types = _types(outage, path, used, noter)
        zones = _zones(outage, path, cluster, noter)
        if stretch is None:
            continue
        pools = tuple(
            CapacityPool(name, zone, lifecycle)
            for lifecycle in _LIFECYCLES[outage.lifecycle]
            for name in types
            for zone in zones
        )
        found.append(TwinPoolOutage(pools, *stretch))
    return tuple(found)


def read_initial_nodes(
    spec: RehearsalSpec, groups: tuple[ExpandedGroup, ...], noter: Noter
) -> Mapping[str, int]:
    """Return the nodes at the start of every group, noting numbers outside a group's bounds."""
    by_name = {group.group.name: group.group for group in groups}
    found = {name: group.min_size for name, group in by_name.items()}
    for name, count in spec.initial_nodes.items():
        path: Path = ("spec", "initialNodes", name)
        group = by_name.get(name)
        if group is None:
            wrong = f"cluster {spec.cluster} has no Auto Scaling group {name!r}"
            noter.note(path, wrong, did_you_mean(name, by_name, what="groups"), key=True)
        elif not group.min_size <= count <= group.max_size:
            wrong = f"{count} is outside the group's {group.min_size} to {group.max_size}"
            noter.note(path, wrong, "write a number between, or change the group's bounds")
        else:
            found[name] = count
    return found


def _types(outage: PoolOutage, path: Path, used: list[str], noter: Noter) -> list[str]:
    if outage.types is None:
        return used
    found: dict[str, None] = {}
    for index, written in enumerate(outage.types):
        at = (*path, "types", index)
        if written.endswith(".*"):
            matching = [name for name in used if name.startswith(written[:-1])]
            if not matching:
                advice = did_you_mean(written, sorted({f"{n.split('.')[0]}.*" for n in used}))
                noter.note(at, f"no group of the cluster uses {written}", advice)
            found |= dict.fromkeys(matching)
        elif written not in INSTANCE_TYPES:
            advice = did_you_mean(written, INSTANCE_TYPES, what="instance types")
            noter.note(at, f"there is no instance type {written!r}", advice)
        elif written not in used:
            advice = did_you_mean(written, used, what="types used")
            noter.note(at, f"no group of the cluster uses {written}", advice)
        else:
            found[written] = None
    return list(found)


def _zones(outage: PoolOutage, path: Path, cluster: ClusterSpec, noter: Noter) -> list[str]:
    zones = zone_names(cluster)
    if outage.zones is None:
        return list(zones)
    found: dict[str, None] = {}
    for index, written in enumerate(outage.zones):
        name = f"{cluster.region}{written}" if len(written) == 1 else written
        if name in zones:
            found[name] = None
        else:
            wrong = f"the cluster is not in zone {name!r}"
            noter.note((*path, "zones", index), wrong, did_you_mean(name, zones, what="zones"))
    return list(found)
