"""Nodes that ours want against nodes that the other asks for: who was first, and by how much.

Ours want the same nodes again in each pass, because nothing is done. What a pass wants is therefore
held against what is open already: more is new since now, less was served or is not needed any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median_low

from msgspec.structs import replace

from kingtide.operate.shadowing.scoring.board import OPEN_MAX, Board, Ours, kept
from kingtide.operate.shadowing.scoring.episodes import OpenRaise, Raise, TheirRaise, cost
from kingtide.operate.shadowing.scoring.sighting import SeenGroup
from kingtide.operate.shadowing.scoring.wishes import Wishes

NOT_WANTED_MS = 30_000
"""Nodes that ours have not wanted for so long they would not want again: a pod that is placed and
evicted again within seconds is no end of a demand."""


def with_wanted(
    board: Board, wishes: Wishes, groups: Mapping[str, SeenGroup], now_ms: int
) -> Board:
    """Return the board after a pass: open nodes confirmed, moved to other groups, or new."""
    left = dict(wishes.raises)
    kept_open: list[OpenRaise] = []
    unwanted: list[OpenRaise] = []
    for it in board.open_raises:
        still = min(left.get(it.group, 0), it.nodes)
        if still:
            left[it.group] -= still
            kept_open.append(_confirmed(_part(it, still), wishes, now_ms))
        if still < it.nodes:
            unwanted.append(_part(it, it.nodes - still, wanted_ms=it.wanted_ms))
    for group, wanted in left.items():
        count = wanted
        while count:
            place = _same_demand(unwanted, groups.get(group))
            if place is None:
                break
            it = unwanted.pop(place)
            moved = min(count, it.nodes)
            kept_open.append(replace(_part(it, moved, wanted_ms=now_ms), group=group))
            if moved < it.nodes:
                unwanted.insert(place, _part(it, it.nodes - moved, wanted_ms=it.wanted_ms))
            count -= moved
        if count:
            kept_open.append(_new(wishes, group, count, groups.get(group), now_ms))
            board = _count_asked(board, count, groups.get(group), now_ms)
    board = replace(board, open_raises=tuple(sorted([*kept_open, *unwanted], key=_age)))
    return _bounded(_without_unwanted(board, now_ms))


def matched(board: Board, now_ms: int) -> Board:
    """Return the board with what both want closed, and what ours had time enough to want."""
    theirs: list[TheirRaise] = []
    for it in board.their_raises:
        left = it
        while left.nodes:
            place = _best(board.open_raises, left)
            if place is None:
                break
            board, left = _meet(board, place, left)
        if left.nodes and now_ms - left.seen_ms >= board.patience_ms:
            closed = Raise(
                "theirs_alone", left.at_ms, left.group, left.lifecycle, left.nodes,
                their_ms=left.at_ms, their_group=left.group,
            )  # fmt: skip
            ours = replace(board.ours, theirs_alone=board.ours.theirs_alone + left.nodes)
            board = replace(board, ours=ours, raises=kept(board.raises, closed))
        elif left.nodes:
            theirs.append(left)
    return replace(board, their_raises=tuple(theirs))


def boot_ms(board: Board, group: str) -> int | None:
    """Return the median time from launch to Ready of a group's last nodes, None without one."""
    found = board.boots_ms.get(group)
    return median_low(found) if found else None


def _meet(board: Board, place: int, theirs: TheirRaise) -> tuple[Board, TheirRaise]:
    """Close what both asked for; return what is left of theirs."""
    mine = board.open_raises[place]
    nodes = min(mine.nodes, theirs.nodes)
    met, rest = _part(mine, nodes), _part(mine, mine.nodes - nodes)
    lead_ms: int | None = theirs.at_ms - mine.at_ms
    if theirs.has_joined:  # both at the time when the nodes are there
        boot = boot_ms(board, mine.group)
        lead_ms = None if boot is None else theirs.at_ms - mine.at_ms - boot
    elif theirs.group != mine.group:
        slower = (boot_ms(board, theirs.group) or 0) - (boot_ms(board, mine.group) or 0)
        known = theirs.group in board.boots_ms and mine.group in board.boots_ms
        lead_ms = theirs.at_ms - mine.at_ms + (slower if known else 0)
    extra = nodes * cost(mine.price, lead_ms or 0)
    closed = Raise(
        "both", mine.at_ms, mine.group, mine.lifecycle, nodes, met.pods,
        theirs.at_ms, theirs.group, lead_ms, extra,
    )  # fmt: skip
    ours = board.ours
    ours = replace(
        ours,
        both=ours.both + nodes,
        lead_node_ms=ours.lead_node_ms + nodes * (lead_ms or 0),
        leads_unknown=ours.leads_unknown + (nodes if lead_ms is None else 0),
        waiting_pod_ms=ours.waiting_pod_ms + met.pods * (lead_ms or 0),
        micro_usd_raises=ours.micro_usd_raises + extra,
    )
    opened = [*board.open_raises]
    opened[place : place + 1] = [rest] if rest.nodes else []
    board = replace(board, ours=ours, open_raises=tuple(opened), raises=kept(board.raises, closed))
    return board, replace(theirs, nodes=theirs.nodes - nodes)


def _best(opened: tuple[OpenRaise, ...], theirs: TheirRaise) -> int | None:
    """Return the place of the oldest open nodes of the same group, else of the same demand."""
    same = [n for n, it in enumerate(opened) if it.group == theirs.group]
    alike = [n for n, it in enumerate(opened) if it.serves == theirs.serves]
    return next(iter([*same, *alike]), None)


def _same_demand(unwanted: list[OpenRaise], group: SeenGroup | None) -> int | None:
    serves = None if group is None else group.serves
    return next((n for n, it in enumerate(unwanted) if it.serves == serves), None)


def _new(wishes: Wishes, group: str, count: int, seen: SeenGroup | None, now_ms: int) -> OpenRaise:
    pods = _pods(wishes, group, count)
    if seen is None:
        return OpenRaise(now_ms, group, group, "on-demand", count, pods, now_ms, None)
    return OpenRaise(now_ms, group, seen.serves, seen.lifecycle, count, pods, now_ms, seen.price)


def _count_asked(board: Board, count: int, seen: SeenGroup | None, now_ms: int) -> Board:
    ours = replace(board.ours, asked=board.ours.asked + count)
    if seen is not None and seen.lifecycle == "on-demand" and ours.first_on_demand_ms is None:
        ours = replace(ours, first_on_demand_ms=now_ms)
    return replace(board, ours=ours)


def _without_unwanted(board: Board, now_ms: int) -> Board:
    """Close what ours stopped wanting, while the other never asked for it.

    Ours would have had the nodes: they are charged until ours would have given them back.
    """
    for it in board.open_raises:
        if now_ms - it.wanted_ms > NOT_WANTED_MS:
            board = _close_alone(board, it)
    left = (it for it in board.open_raises if now_ms - it.wanted_ms <= NOT_WANTED_MS)
    return replace(board, open_raises=tuple(left))


def _close_alone(board: Board, it: OpenRaise) -> Board:
    extra = it.nodes * cost(it.price, it.wanted_ms - it.at_ms + board.unneeded_ms)
    closed = Raise(
        "ours_alone", it.at_ms, it.group, it.lifecycle, it.nodes, it.pods, micro_usd=extra
    )
    ours: Ours = board.ours
    ours = replace(
        ours, alone=ours.alone + it.nodes, micro_usd_raises=ours.micro_usd_raises + extra
    )
    return replace(board, ours=ours, raises=kept(board.raises, closed))


def _bounded(board: Board) -> Board:
    over = len(board.open_raises) - OPEN_MAX
    if over <= 0:
        return board
    return cut_off(board, board.open_raises[:over])


def cut_off(board: Board, which: tuple[OpenRaise, ...]) -> Board:
    """Return the board with open nodes closed without a comparison; they are the oldest ones."""
    closed = [Raise("cut_off", it.at_ms, it.group, it.lifecycle, it.nodes, it.pods) for it in which]
    ours = replace(board.ours, cut_off=board.ours.cut_off + len(which))
    return replace(
        board,
        ours=ours,
        open_raises=board.open_raises[len(which) :],
        raises=kept(board.raises, *closed),
    )


def _confirmed(it: OpenRaise, wishes: Wishes, now_ms: int) -> OpenRaise:
    """Return nodes that are wanted still, with the pods that have come to them since.

    Those wait for the same node and would have had it as much earlier.
    """
    return replace(it, wanted_ms=now_ms, pods=max(it.pods, _pods(wishes, it.group, it.nodes)))


def _pods(wishes: Wishes, group: str, nodes: int) -> int:
    """Return how many of the pods that a pass helps are for so many of its nodes."""
    return wishes.pods.get(group, 0) * nodes // max(1, wishes.raises.get(group, 0))


def _part(it: OpenRaise, nodes: int, *, wanted_ms: int | None = None) -> OpenRaise:
    """Return so many nodes of some, with their share of the pods."""
    pods = it.pods * nodes // max(1, it.nodes)
    return replace(
        it, nodes=nodes, pods=pods, wanted_ms=it.wanted_ms if wanted_ms is None else wanted_ms
    )


def _age(it: OpenRaise) -> int:
    return it.at_ms
