"""Where a node's pods would go: places found in the room, by shape, or none at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kingtide.control.room import Room
from kingtide.control.snapshot import ClusterView


class Move(msgspec.Struct, frozen=True, gc=False):
    """Pods of one shape (by index) that would go to a node."""

    shape_index: int
    count: int
    destination: str


def find_places(
    name: str,
    counts: Mapping[int, int],
    before: Sequence[Move],
    cluster: ClusterView,
    room: Room,
) -> tuple[Move, ...] | None:
    """Use up room for a node's pods, by shape; without room for all, undo it and return None.

    Places found in an earlier pass are tried first, which saves the search.
    """
    known: dict[int, list[Move]] = {}
    for move in before:
        known.setdefault(move.shape_index, []).append(move)
    was_open = room.close(name)
    _leave(name, counts, cluster, room)
    moves: list[Move] = []
    for index, count in counts.items():
        shape = cluster.shapes[index]
        left = count
        for move in () if room.company.minds(shape) else known.get(index, ()):
            here = min(left, move.count)
            if here and room.fits(move.destination, shape, here):
                room.take(move.destination, shape, here)
                moves.append(Move(index, here, move.destination))
                left -= here
        if left:
            placed = room.place(shape, left)
            moves.extend(Move(index, here, node) for node, here in placed.items())
            left -= sum(placed.values())
        if left:
            for move in moves:
                room.take(move.destination, cluster.shapes[move.shape_index], -move.count)
            _leave(name, counts, cluster, room, sign=-1)
            if was_open:
                room.reopen(name)
            return None
    return tuple(moves)


def _leave(
    name: str, counts: Mapping[int, int], cluster: ClusterView, room: Room, sign: int = 1
) -> None:
    """Have the pods leave their node, and the node with them; a sign of -1 undoes it."""
    for index, count in counts.items():
        room.leave(name, cluster.shapes[index], sign * count)
    node = cluster.nodes.get(name)
    if node is not None:
        (room.company.leave_out if sign > 0 else room.company.bring_back)(node)
