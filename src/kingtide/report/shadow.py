"""A shadow's scoreboard as tables for a terminal: what happened, beside what ours would have done.

What was observed and what is an estimate stand in columns of their own.
"""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kingtide.control.counted import counted
from kingtide.operate.shadowing.scoring.board import Board
from kingtide.operate.shadowing.scoring.episodes import Raise, Removal
from kingtide.operate.shadowing.scoring.score import Score, latest, score_of
from kingtide.report.clock import clock_text, duration_text, span_text
from kingtide.report.plain import plain

ROWS_LIVE, ROWS_MAX = 8, 30
MICRO_USD = 1_000_000

LIMITS = """\
Observed is what the APIs told. With ours is an estimate: what ours would have asked for is known,
what the cluster would have become is not. Each decision is taken on the cluster as the other left
it; a node of ours is taken to boot as long as the other's; pods that come after a request are not
credited to it; nodes that only the other asked for are not deducted."""


def scoreboard(board: Board, *, rows: int = ROWS_MAX) -> RenderableType:
    """Return the score, the last comparisons, and what the figures mean."""
    parts: list[RenderableType] = [Text(plain(board.cluster), style="bold")]
    parts.append(Text(_watched(board), style="dim"))
    parts.append(Padding(_score(score_of(board), board.timezone), (1, 0, 0, 0)))
    told = latest(board, rows)
    if told:
        parts.append(Padding(_episodes(told, board.timezone), (1, 0, 0, 0)))
    if rows >= ROWS_MAX:
        parts.append(Padding(_boots(score_of(board)), (1, 0, 0, 0)))
        parts += [Text(line, style="dim") for line in (*_notes(board), LIMITS.replace("\n", " "))]
    return Group(*parts)


def line(board: Board) -> str:
    """Return the score in a line, for where there is no terminal."""
    it = score_of(board)
    return (
        f"{clock_text(board.to_ms, board.timezone)}: {counted(it.asked, 'node')} asked for, ours"
        f" {it.ours_asked}, lead {_lead(it.lead_ms)}; pods waited"
        f" {_pod_seconds(it.waiting_pod_ms)} s, with ours {_pod_seconds(it.ours_waiting_pod_ms)} s;"
        f" {_usd(it.micro_usd)} USD, with ours {_usd(it.ours_micro_usd)}"
    )


def _watched(board: Board) -> str:
    seen = board.observed
    gaps = ""
    if seen.gaps:
        gone = duration_text(seen.gap_ms / 1000)
        gaps = f", {counted(seen.gaps, 'interruption')} of {gone} in all"
    span = span_text(board.from_ms, board.to_ms, board.timezone)
    return f"{span} {board.timezone}, watched {duration_text(seen.watched_ms / 1000)}{gaps}"


def _score(it: Score, timezone: str) -> RenderableType:
    table = _table("", "observed", "with ours (estimated)", "")
    alone = f"{it.both} both, {it.ours_alone} only ours, {it.theirs_alone} only the other"
    table.add_row("nodes asked for", f"{it.asked:,}", f"{it.ours_asked:,}", alone)
    median = f"a node; median {_lead(it.lead_median_ms)}"
    table.add_row("asked earlier by", "", _lead(it.lead_ms), median)
    first = [_at(at, timezone) for at in (it.first_on_demand_ms, it.ours_first_on_demand_ms)]
    table.add_row("first on-demand node", *first, "")
    table.add_row(
        "pods' seconds of pending",
        _pod_seconds(it.waiting_pod_ms),
        _pod_seconds(it.ours_waiting_pod_ms),
        "",
    )
    again = f"{it.taken_back} needed again"
    table.add_row("nodes removed", f"{it.removed:,}", f"{it.ours_removed:,}", again)
    table.add_row("removed earlier by", "", _lead(it.removal_lead_ms), "a node")
    changed = it.ours_micro_usd - it.micro_usd
    table.add_row(
        "USD of nodes", _usd(it.micro_usd), _usd(it.ours_micro_usd), f"{_usd(changed, sign=True)}"
    )
    return table


def _episodes(told: tuple[Raise | Removal, ...], timezone: str) -> RenderableType:
    table = _table("ours at", "the other at", "lead", "USD", "what")
    for it in told:
        ours_at = "never" if it.end == "theirs_alone" else clock_text(it.at_ms, timezone)
        if isinstance(it, Removal) and it.end == "theirs_first":
            ours_at = "later"
        bound = " at most" if isinstance(it, Removal) and it.is_bound else ""
        what = _raise_told(it) if isinstance(it, Raise) else _removal_told(it)
        table.add_row(
            ours_at,
            _at(it.their_ms, timezone, "never"),
            _lead(it.lead_ms) + bound,
            _usd(it.micro_usd, sign=True),
            plain(what, 160),
        )
    return table


def _raise_told(it: Raise) -> str:
    nodes = f"{counted(it.nodes, it.lifecycle + ' node')} of {it.group}"
    match it.end:
        case "both":
            other = "" if it.their_group == it.group else f" (the other: {it.their_group})"
            return f"{nodes}{other} for {counted(it.pods, 'pod')}"
        case "ours_alone":
            return f"{nodes}: only ours would have asked"
        case "theirs_alone":
            return f"{nodes}: ours would not have asked"
        case "cut_off":
            return f"{nodes}: not seen to its end"


def _removal_told(it: Removal) -> str:
    verb = "reclaimed" if it.by == "ondemand_reclaim" else "removed"
    name = f"{it.node} of {it.group or 'no group'}"
    match it.end:
        case "both":
            return f"{name} {verb}"
        case "theirs_first":
            return f"{name}: the other removed it first"
        case "taken_back":
            return f"{name}: {verb} by ours, and needed again"
        case "gone":
            return f"{name} {verb}; it left by itself"
        case "cut_off":
            return f"{name} {verb}; it stood at the end"


def _boots(it: Score) -> RenderableType:
    table = _table("launch to Ready, measured", "nodes", "shortest", "median", "longest")
    for boot in it.boots:
        spread = (boot.shortest_ms, boot.median_ms, boot.longest_ms)
        cells = [duration_text(ms // 1000) for ms in spread]
        table.add_row(plain(boot.group or "no group"), f"{boot.nodes}", *cells)
    return table


def _notes(board: Board) -> list[str]:
    seen, ours = board.observed, board.ours
    notes = []
    if seen.unpriced:
        hours = seen.unpriced_node_ms / 3_600_000
        names = ", ".join(seen.unpriced)
        notes.append(f"Left out of the dollars, because nobody knows a price: {hours:.1f} node"
                     f" hours of {names}.")  # fmt: skip
    if seen.gone:
        notes.append(f"{counted(seen.gone, 'node')} left without the other: reclaims, or by hand.")
    if ours.cut_off:
        notes.append(f"{counted(ours.cut_off, 'comparison')} not seen to the end.")
    return notes


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    last = len(columns) - 1
    for place, name in enumerate(columns):
        is_text = place == last or (place == 0 and name in ("", "launch to Ready, measured"))
        table.add_column(name, justify="left" if is_text else "right", overflow="fold")
    return table


def _lead(lead_ms: int | None) -> str:
    if lead_ms is None:
        return "–"
    return f"{'-' if lead_ms < 0 else '+'}{duration_text(abs(lead_ms) / 1000)}"


def _at(at_ms: int | None, timezone: str, none: str = "–") -> str:
    return none if at_ms is None else clock_text(at_ms, timezone)


def _pod_seconds(pod_ms: int) -> str:
    return f"{pod_ms // 1000:,}"


def _usd(micro_usd: int, *, sign: bool = False) -> str:
    return f"{micro_usd / MICRO_USD:+.2f}" if sign else f"{micro_usd / MICRO_USD:.2f}"
