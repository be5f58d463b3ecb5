"""Which of the pods that wait find a place on what is there already or on its way."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kingtide.control.room import Room
from kingtide.controllers.node_autoscaling.backoff import Backoffs, is_backed_off
from kingtide.controllers.node_autoscaling.binpacking import Packing, Run, pack
from kingtide.controllers.node_autoscaling.candidate_groups import fitting_demands
from kingtide.controllers.node_autoscaling.careful_packing import minding, pack_carefully
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controllers.node_autoscaling.nodes_to_be import missing_nodes, nodes_on_their_way
from kingtide.controllers.node_autoscaling.snapshot import FleetView, GroupStanding
from kingtide.controllers.node_autoscaling.upcoming import (
    Upcoming,
    missing_of,
    nodes_starting,
    nodes_to_come,
)


def place_on_existing(demands: Sequence[Demand], room: Room) -> list[int]:
    """Use up room on the nodes that are there and return how many pods of each demand fit."""
    found = []
    for demand in demands:
        placed = room.place(demand.shape, demand.count, spot_only=demand.is_spot_only)
        room.promised.update(dict.fromkeys(placed))
        found.append(sum(placed.values()))
    return found


def place_on_upcoming(
    demands: Sequence[Demand],
    counts: Sequence[int],
    fleet: FleetView,
    room: Room,
    upcoming: Upcoming,
    backoffs: Backoffs,
    now_ms: int,
) -> list[int]:
    """Return how many pods of each demand fit on nodes that are on their way.

    Missing instances of a group in back-off do not count: nothing says that they will come. Groups
    that suit fewer pods come first: pods that may go to any group would otherwise take the spot
    nodes just asked for those that may go nowhere else, for which more would be asked each pass.
    """
    placed = [0] * len(demands)
    for group, fitting in _choosiest_first(demands, fleet, upcoming):
        counts_missing = not is_backed_off(backoffs, group.name, now_ms)
        nodes = nodes_starting(upcoming, group)
        if counts_missing:
            nodes += missing_of(upcoming, group.name)
        if nodes == 0 or group.template is None:
            continue
        left = [
            count - done if place in fitting else 0
            for place, (count, done) in enumerate(zip(counts, placed, strict=True))
        ]
        if minding(demands, left, room.company):
            packing = _carefully(demands, left, group, fleet, room, upcoming, counts_missing)
        else:
            free = group.template.free
            packing = pack(demands, left, [Run(nodes, free)], free, max_new_nodes=0)
        placed = [a + b for a, b in zip(placed, packing.placed, strict=True)]
    return placed


def _choosiest_first(
    demands: Sequence[Demand], fleet: FleetView, upcoming: Upcoming
) -> list[tuple[GroupStanding, Collection[int]]]:
    """Return the groups that bring nodes, with the places of the demands that fit there."""
    found = [
        (group, fitting_demands(demands, group))
        for group in fleet.groups.values()
        if group.template is not None and nodes_to_come(upcoming, group)
    ]
    return sorted(found, key=lambda it: len(it[1]))


def _carefully(
    demands: Sequence[Demand],
    left: Sequence[int],
    group: GroupStanding,
    fleet: FleetView,
    room: Room,
    upcoming: Upcoming,
    counts_missing: bool,
) -> Packing:
    assert group.template is not None
    there = nodes_on_their_way(group, fleet, upcoming)
    if counts_missing:
        there += missing_nodes(group, upcoming)
    free = group.template.free
    return pack_carefully(demands, left, there, iter(()), free, 0, room.company)
