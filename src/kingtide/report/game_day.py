"""A game day as tables for a terminal: what failed and how to see it again, then the seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kingtide.control.counted import counted
from kingtide.rehearsal.gameday.outcome import Condition, Outcome, SeedOutcome
from kingtide.report.clock import duration_text
from kingtide.report.figures import short_duration
from kingtide.report.plain import plain

ROWS_MAX = 20
"""Seeds in the table unless all are asked for: those that failed and those that were hit worst."""
FAILURES_MAX = 10
"""Failures told in full; each is a command to type, and nobody types more in a day."""
MICRO_USD = 1_000_000


def game_day(outcome: Outcome, *, all_seeds: bool = False) -> RenderableType:
    """Return a game day's tables, its verdict last, where the eye rests.

    Meaning never hangs on colour.
    """
    shown = outcome.seeds if all_seeds else _worth_a_look(outcome)
    parts: list[RenderableType] = [Text(plain(outcome.name), style="bold")]
    if outcome.partial:
        done = f"interrupted: {len(outcome.seeds)} of {outcome.wanted} seeds"
        parts.append(Text(done, style="bold yellow"))
    parts.append(_seeds(outcome, shown))
    legend = "priority classes: most pods unavailable at once, and the longest time with any"
    parts.append(Text(legend, style="dim"))
    left = len(outcome.seeds) - len(shown)
    if left:
        told = f"{counted(left, 'more seed')} passed and {'was' if left == 1 else 'were'} hit less"
        parts.append(Text(f"{told} (--all shows every seed)", style="dim"))
    parts.append(Padding(_conditions(outcome), (1, 0, 0, 0)))
    parts += _failures(outcome)
    parts.append(Text(verdict_text(outcome), style="bold"))
    return Group(*parts)


def verdict_text(outcome: Outcome) -> str:
    """Return the whole in a line."""
    seeds = counted(len(outcome.seeds), "seed")
    if outcome.failed:
        return f"{len(outcome.failed)} of {seeds} failed"
    return f"{seeds}, nothing broken"


def failure_lines(outcome: Outcome, seed: SeedOutcome) -> Iterator[str]:
    """Yield what broke in a seed, at what time, and the command that shows it again."""
    for it in seed.violations[:3]:
        yield f"seed {seed.seed}: {it.invariant}: {it.subject}: {it.told}"
    more = len(seed.violations) - 3
    if more > 0:
        yield f"seed {seed.seed}: {counted(more, 'more violation')}"
    if seed.crash:
        yield f"seed {seed.seed}: crash: {seed.crash}"
    if seed.shrunk is not None:
        fewest = counted(len(seed.shrunk.faults), "fault")
        enough = "" if seed.shrunk.is_smallest else ", perhaps fewer"
        yield f"  {fewest} of {len(seed.faults)} suffice{enough}:"
    yield f"  {outcome.replay(seed)}"


def _failures(outcome: Outcome) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for seed in outcome.failed[:FAILURES_MAX]:
        lines = "\n".join(plain(line, 400) for line in failure_lines(outcome, seed))
        parts.append(Padding(Text(lines, overflow="fold", no_wrap=False), (1, 0, 0, 0)))
    left = len(outcome.failed) - FAILURES_MAX
    if left > 0:
        parts.append(Text(f"{counted(left, 'more failure')}: --out DIR has them all", style="dim"))
    return parts


def _worth_a_look(outcome: Outcome) -> Sequence[SeedOutcome]:
    """Return what failed and what was hit worst, in the order of seeds."""
    by_harm = sorted(
        outcome.seeds,
        key=lambda it: (it.passed, *(-u.seconds for u in it.unavailability), it.seed),
    )
    return sorted(by_harm[:ROWS_MAX], key=lambda it: it.seed)


def _seeds(outcome: Outcome, seeds: Sequence[SeedOutcome]) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("seed", justify="right")
    table.add_column("faults", min_width=24)
    for name in outcome.priority_classes:
        table.add_column(plain(name), justify="right", no_wrap=True)
    table.add_column("healed", justify="right", no_wrap=True)
    table.add_column("USD", justify="right", no_wrap=True)
    table.add_column("verdict", overflow="fold")
    for seed in seeds:
        hits = [f"{it.pods} {short_duration(round(it.seconds)):>5}" for it in seed.unavailability]
        healed = "never" if seed.healed_seconds is None else duration_text(seed.healed_seconds)
        verdict = "ok" if seed.passed else f"✗ {', '.join(seed.failures)}"
        cost = f"{seed.cost_micro_usd / MICRO_USD:.2f}"
        cells = [str(seed.seed), faults_text(seed), *hits, healed, cost, verdict]
        table.add_row(*(plain(cell, 200) for cell in cells))
    return table


def faults_text(seed: SeedOutcome) -> str:
    """Return the kinds of a seed's faults with their numbers, `ice x3 zone-loss`."""
    kinds: dict[str, int] = {}
    for fault in seed.faults:
        kind = fault.name.partition("#")[0]
        kinds[kind] = kinds.get(kind, 0) + 1
    return " ".join(f"{kind} x{n}" if n > 1 else kind for kind, n in kinds.items()) or "none"


def _conditions(outcome: Outcome) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("reached at least once")
    table.add_column("seeds", justify="right")
    table.add_column("times", justify="right")
    table.add_column("")
    for it in outcome.conditions:
        table.add_row(it.name, f"{it.seeds:,}", f"{it.times:,}", _standing(outcome, it))
    return table


def _standing(outcome: Outcome, condition: Condition) -> str:
    if condition.seeds:
        return ""
    if not condition.wanted:
        return "not asked for"
    few = len(outcome.seeds) < outcome.reach_from
    return f"not reached (a finding from {outcome.reach_from} seeds on)" if few else "✗ not reached"
