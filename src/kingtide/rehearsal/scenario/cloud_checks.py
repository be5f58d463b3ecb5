"""Capacity pools that are out and nodes at the start, as the cluster's groups know them."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.expansion import ExpandedGroup, zone_names
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.rehearsal.scenario.application_checks import check_stretch
from kingtide.rehearsal.scenario.model import RehearsalSpec
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.pool_choice import PoolNames, chosen_pools
from kingtide.rehearsal.scenario.times import ScenarioClock
from kingtide.twin.definition import PoolOutage as TwinPoolOutage


def read_outages(
    spec: RehearsalSpec,
    cluster: ClusterSpec,
    groups: tuple[ExpandedGroup, ...],
    clock: ScenarioClock,
    noter: Noter,
) -> tuple[TwinPoolOutage, ...]:
    """Return the pools without capacity, noting types and zones that are not used."""
    names = pool_names(cluster, groups)
    found: list[TwinPoolOutage] = []
    for index, outage in enumerate(spec.cloud.outages):
        path: Path = ("spec", "cloud", "outages", index)
        stretch = check_stretch(path, outage.begin, outage.until, clock, noter)
        pools = chosen_pools(outage, outage.lifecycle, path, names, noter)
        if stretch is not None:
            found.append(TwinPoolOutage(pools, *stretch))
    return tuple(found)


def pool_names(cluster: ClusterSpec, groups: tuple[ExpandedGroup, ...]) -> PoolNames:
    """Return what the pools of a cluster can be called."""
    types = sorted({name: None for group in groups for name in group.group.instance_types})
    return PoolNames(tuple(types), tuple(zone_names(cluster)), cluster.region or "")


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
