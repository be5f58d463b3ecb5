"""Nodes that ours would remove against nodes that the other removes."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from kingtide.operate.shadowing.scoring.board import OPEN_MAX, Board, Ours, kept
from kingtide.operate.shadowing.scoring.episodes import (
    OpenRemoval,
    Removal,
    RemovalEnd,
    cost,
)
from kingtide.operate.shadowing.scoring.sighting import SeenNode, Sighting
from kingtide.operate.shadowing.scoring.wishes import RECLAIMER, SCALER, Wishes


def with_removals(board: Board, wishes: Wishes, seen: Sighting) -> Board:
    """Return the board after a pass: removals begun, and taken back.

    A removal stands once ours wanted it, until they say that the node is needed. That they do not
    ask for it again in each pass means nothing: refused, a controller waits before it asks again.
    """
    now_ms = seen.at_ms
    needed = {name for name, due_ms in wishes.ripe_ms.items() if due_ms is None}
    wanted = {it: None for it in wishes.removals if it in seen.nodes}
    opened: list[OpenRemoval] = []
    for it in board.open_removals:
        if it.by == wishes.by and it.node in needed and it.node not in wanted:
            board = _closed(board, it, "taken_back", now_ms)
        else:
            opened.append(it)
    known = {it.node for it in opened}
    for name in wanted:
        node = seen.nodes[name]
        if name in known or node.leaving_ms is not None:
            continue
        opened.append(OpenRemoval(name, wishes.by, node.group, now_ms, _price(wishes.by, node)))
        board = replace(board, ours=replace(board.ours, removals=board.ours.removals + 1))
    board = _with_ripe(replace(board, open_removals=tuple(opened)), wishes)
    return cut_off(board, board.open_removals[: max(0, len(opened) - OPEN_MAX)])


def with_leaving(board: Board, before: Sighting, seen: Sighting) -> Board:
    """Return the board after a sighting: nodes that the other removes, and those that are gone."""
    leaving = dict.fromkeys(board.leaving)
    opened = {it.node: it for it in board.open_removals}
    observed = board.observed
    for name, node in seen.nodes.items():
        if node.leaving_ms is None:
            leaving.pop(name, None)
        elif name not in leaving:
            leaving[name] = None
            observed = replace(observed, removed=observed.removed + 1)
            board = _taken(board, node, opened.pop(name, None), node.leaving_ms)
    for name in before.nodes:
        if name in seen.nodes:
            continue
        if name not in leaving:
            observed = replace(observed, gone=observed.gone + 1)
            if name in opened:
                board = _closed(board, opened.pop(name), "gone", seen.at_ms)
        leaving.pop(name, None)
    ripe = {name: it for name, it in board.ripe_ms.items() if name in seen.nodes}
    return replace(
        board,
        observed=observed,
        leaving=tuple(leaving),
        open_removals=tuple(opened.values()),
        ripe_ms=ripe,
    )


def cut_off(board: Board, which: Iterable[OpenRemoval]) -> Board:
    """Return the board with open removals closed as if the nodes had been removed only now."""
    chosen = {it.node: None for it in which}
    for it in board.open_removals:
        if it.node in chosen:
            board = _closed(board, it, "cut_off", board.to_ms)
    left = tuple(it for it in board.open_removals if it.node not in chosen)
    return replace(board, open_removals=left)


def _taken(board: Board, node: SeenNode, mine: OpenRemoval | None, their_ms: int) -> Board:
    if mine is not None:
        return _closed(board, mine, "both", their_ms)
    due_ms = board.ripe_ms.get(node.name)
    if due_ms is None:  # ours held it for needed: no sooner, perhaps, than all over again
        lag_ms, is_bound = board.unneeded_ms, True
    else:
        lag_ms, is_bound = max(due_ms - their_ms, 0) + board.patience_ms, False
    extra = cost(node.price, lag_ms)
    it = Removal(
        "theirs_first", their_ms, node.name, SCALER, node.group, their_ms, -lag_ms, extra, is_bound
    )
    ours = board.ours
    ours = replace(
        ours,
        removed_later=ours.removed_later + 1,
        lead_removal_ms=ours.lead_removal_ms - lag_ms,
        micro_usd_removals=ours.micro_usd_removals + extra,
    )
    return replace(board, ours=ours, removals=kept(board.removals, it))


def _closed(board: Board, it: OpenRemoval, end: RemovalEnd, until_ms: int) -> Board:
    """Close a removal: until then the node stood, which ours would have saved."""
    lead_ms = max(0, until_ms - it.at_ms)
    saved = cost(it.price, lead_ms)
    closed = Removal(
        end, it.at_ms, it.node, it.by, it.group,
        until_ms if end in ("both", "gone") else None,
        lead_ms if end == "both" else None,
        -saved,
    )  # fmt: skip
    ours: Ours = board.ours
    if it.by == RECLAIMER:
        ours = replace(ours, micro_usd_reclaims=ours.micro_usd_reclaims - saved)
    else:
        ours = replace(ours, micro_usd_removals=ours.micro_usd_removals - saved)
    match end:
        case "both":
            ours = replace(
                ours,
                removed_both=ours.removed_both + 1,
                lead_removal_ms=ours.lead_removal_ms + lead_ms,
            )
        case "taken_back":
            ours = replace(ours, taken_back=ours.taken_back + 1)
        case "cut_off":
            ours = replace(ours, cut_off=ours.cut_off + 1)
        case _:
            pass
    return replace(board, ours=ours, removals=kept(board.removals, closed))


def _price(by: str, node: SeenNode) -> int | None:
    """Return what a removal saves an hour: of a reclaim, over the spot node that follows it."""
    if by != RECLAIMER or node.price is None:
        return node.price
    return None if node.spot_price is None else max(0, node.price - node.spot_price)


def _with_ripe(board: Board, wishes: Wishes) -> Board:
    if not wishes.ripe_ms:
        return board
    ripe = dict(board.ripe_ms)
    begun = {it.node for it in board.open_removals}
    for name, due_ms in wishes.ripe_ms.items():
        if due_ms is None:
            ripe.pop(name, None)
        elif name not in begun:
            ripe[name] = due_ms
    return replace(board, ripe_ms=ripe)
