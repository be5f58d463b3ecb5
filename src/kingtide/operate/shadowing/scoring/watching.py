"""What the other did between two sightings, and what it cost."""

from __future__ import annotations

from msgspec.structs import replace

from kingtide.operate.shadowing.scoring.board import OPEN_MAX, SAMPLES_MAX, Board, Observed
from kingtide.operate.shadowing.scoring.episodes import TheirRaise, cost
from kingtide.operate.shadowing.scoring.removals import with_leaving
from kingtide.operate.shadowing.scoring.sighting import SeenGroup, Sighting

GAP_MS = 120_000
"""Two sightings further apart are a gap: what happened in it was not seen, and is not counted."""
FIRST_READY_MS = 900_000
"""A node that became Ready so long after it joined had been ill: that is not how long it booted."""
UNPRICED_MAX = 50


def with_sighting(board: Board, before: Sighting | None, seen: Sighting) -> Board:
    """Return the board after a sighting; `before` is the last one, None at a start."""
    board = replace(board, to_ms=max(board.to_ms, seen.at_ms))
    if before is None:
        return _with_boots(board, seen)
    passed_ms = seen.at_ms - before.at_ms
    if passed_ms > GAP_MS:
        observed = board.observed
        observed = replace(observed, gaps=observed.gaps + 1, gap_ms=observed.gap_ms + passed_ms)
        return _with_boots(replace(board, observed=observed), seen)
    board = replace(board, observed=_summed(board.observed, before, seen, passed_ms))
    board = _with_their_raises(board, before, seen)
    return _with_boots(with_leaving(board, before, seen), seen)


def _summed(observed: Observed, before: Sighting, seen: Sighting, passed_ms: int) -> Observed:
    """Return the sums with what stood and waited since the sighting before."""
    price = unpriced = 0
    names = dict.fromkeys(observed.unpriced)
    for node in before.nodes.values():
        if node.price is None:
            unpriced += 1
            names[node.instance_type or "unknown"] = None
        else:
            price += node.price
    return replace(
        observed,
        watched_ms=observed.watched_ms + passed_ms,
        waiting_pod_ms=observed.waiting_pod_ms + before.waiting_pods * passed_ms,
        waiting_pods_max=max(observed.waiting_pods_max, seen.waiting_pods),
        node_ms=observed.node_ms + len(before.nodes) * passed_ms,
        micro_usd=observed.micro_usd + cost(price, passed_ms),
        unpriced_node_ms=observed.unpriced_node_ms + unpriced * passed_ms,
        unpriced=tuple(names)[:UNPRICED_MAX],
    )


def _with_their_raises(board: Board, before: Sighting, seen: Sighting) -> Board:
    found: list[TheirRaise] = []
    observed = board.observed
    for name, group in seen.groups.items():
        known = before.groups.get(name)
        more = 0 if known is None else group.desired - known.desired
        if more > 0:
            found.append(_raise(group, more, seen.at_ms))
        elif more < 0 and known is not None:
            lower = -more - _leaving(before, seen, name)
            observed = replace(observed, given_back=observed.given_back + max(0, lower))
    found += [
        TheirRaise(
            node.joined_ms, node.pool, node.serves, node.lifecycle, 1, seen.at_ms,
            node.price, has_joined=True,
        )
        for name, node in seen.nodes.items()
        if node.pool and name not in before.nodes
    ]  # fmt: skip
    for it in found:
        first_ms = observed.first_on_demand_ms
        if it.lifecycle == "on-demand" and first_ms is None:
            first_ms = it.at_ms
        observed = replace(
            observed, requested=observed.requested + it.nodes, first_on_demand_ms=first_ms
        )
    theirs = (*board.their_raises, *found)[-OPEN_MAX:]
    return replace(board, observed=observed, their_raises=theirs)


def _raise(group: SeenGroup, more: int, now_ms: int) -> TheirRaise:
    at_ms = now_ms if group.asked_ms is None else min(group.asked_ms, now_ms)
    return TheirRaise(at_ms, group.name, group.serves, group.lifecycle, more, now_ms, group.price)


def _leaving(before: Sighting, seen: Sighting, group: str) -> int:
    """Return how many of a group's nodes were being removed, or went, between two sightings."""
    return sum(
        it.group == group and (it.leaving_ms is not None or it.name not in seen.nodes)
        for it in before.nodes.values()
    )


def _with_boots(board: Board, seen: Sighting) -> Board:
    """Measure how long nodes took from launch to Ready: those there, and each that becomes so."""
    booted = {name: None for name in board.booted if name in seen.nodes}
    boots = board.boots_ms
    for node in seen.nodes.values():
        if node.name in booted or node.ready_ms is None or node.launched_ms is None:
            continue
        booted[node.name] = None
        took_ms = node.ready_ms - node.launched_ms
        if took_ms > 0 and node.ready_ms - node.joined_ms <= FIRST_READY_MS:
            samples = (*boots.get(node.group, ()), took_ms)[-SAMPLES_MAX:]
            boots = {**boots, node.group: samples}
    return replace(board, boots_ms=boots, booted=tuple(booted))
