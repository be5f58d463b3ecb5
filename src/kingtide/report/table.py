"""The run as a summary in a terminal: what was hit, how badly, what it cost, and the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from kingtide.rehearsal.record import ExpectationResult, Figure, RunRecord
from kingtide.rehearsal.run_notes import judged_latencies
from kingtide.report.clock import clock_text, duration_text, span_text
from kingtide.report.figures import UNIT_LABELS, short_text
from kingtide.report.plain import plain
from kingtide.report.table_grid import layout, lines, wrapped
from kingtide.report.table_matrices import Filled, filled, has_happened, joined_names, unplaced
from kingtide.report.table_rows import UNMET, WORST, listed, marked, matrix_table

NOTE_CHARACTERS_MAX = 150
"""Two lines of 80 columns, which a note's first sentence takes; the report has it whole."""

NOTES_MAX = 6
"""As many as a reader takes in beside the figures; the report has all."""


def summary(record: RunRecord) -> RenderableType:
    """Return a record's figures as tables, with its expectations last, where the eye rests.

    The tables are as wide as the terminal allows. Meaning never hangs on colour.
    """
    parts: list[RenderableType] = [_heading(record)]
    if record.partial:
        reached = clock_text(record.reached_ms, record.timezone)
        parts.append(Text(f"Partial run: stopped at {reached}", style="bold yellow"))
    unmet = frozenset(result.figure for result in record.expectations if not result.passed)
    for matrix in filled(record.figures):
        parts += [Text(), _MatrixView(matrix, record.figures, unmet)]
    parts += _lists(record.figures, unmet)
    parts += [Text(), _legend()]
    if record.notes:
        parts += [Text(), _notes(record.notes)]
    if record.expectations:
        parts += [Text(), _expectations(record)]
    parts += [Text(), _footer(record)]
    return Group(*parts)


class _MatrixView:
    """A matrix in as many columns as the terminal has room for, and what it leaves out."""

    def __init__(
        self, matrix: Filled, figures: Mapping[str, Figure], unmet: frozenset[str]
    ) -> None:
        self._quiet_words = matrix.matrix.quiet
        self._table = matrix_table(matrix, figures, unmet)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        table, width = self._table, options.max_width
        chosen = layout(table.grid, width)
        if table.grid.rows:
            yield from lines(table.grid, chosen)
        if table.less_hit:
            count, rows = len(table.less_hit), listed(table.less_hit)
            yield wrapped(f"{count:,} more, in nothing the worst: {rows}", width)
        if table.quiet:
            yield wrapped(f"{self._quiet_words}: {listed(table.quiet)}", width)
        if table.grid.rows:
            shown = tuple(table.columns[number] for number in chosen.shown)
            yield wrapped(f"names: {' '.join(joined_names(shown))}", width, style="dim")
            omitted = tuple(column for column in table.columns if column not in shown)
            if omitted:
                names = " ".join(joined_names(omitted))
                yield wrapped(f"in a wider terminal: {names}", width, style="dim")


def _heading(record: RunRecord) -> RenderableType:
    text = Text(plain(record.name), style="bold")
    span = span_text(record.start_ms, record.end_ms, record.timezone)
    cluster = f"{plain(record.cluster)}, {span} {plain(record.timezone)}, seed {record.seed}"
    return Group(text, Text(cluster, style="dim"))


def _lists(figures: Mapping[str, Figure], unmet: frozenset[str]) -> list[RenderableType]:
    """Return the figures that are in no matrix, by name: the cluster's, and under Other the rest.

    Those of which nothing happened share one line.
    """
    parts: list[RenderableType] = []
    for title, names in zip(("", "Other"), unplaced(figures), strict=True):
        if not names:
            continue
        parts.append(Text(title, style="bold"))
        shown = [name for name in names if name in unmet or has_happened(figures[name].value)]
        if shown:
            parts.append(_list(shown, figures, unmet))
        still = [name for name in names if name not in shown]
        if still:
            parts.append(Text(f"zero or never: {listed(still)}"))
    return parts


def _list(names: list[str], figures: Mapping[str, Figure], unmet: frozenset[str]) -> RenderableType:
    # The title takes what value and name leave of the line, and is cut where that is not enough.
    table = Table(box=None, show_header=False, pad_edge=False, show_edge=False, expand=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="ellipsis", no_wrap=True, style="dim", ratio=1)
    for name in names:
        figure = figures[name]
        number = short_text(figure.value, figure.unit)
        unit = "" if figure.unit in ("seconds", "percent") else UNIT_LABELS[figure.unit]
        value = number if number.endswith(unit) else f"{number} {unit}"
        cell = marked(value, worst=False, unmet=name in unmet)
        table.add_row(cell, Text(plain(name)), Text(plain(figure.title)))
    return table


def _legend() -> Text:
    words = f"{WORST} worst of its column   {UNMET} not as expected   – never happened"
    return Text(words, style="dim")


def _notes(notes: tuple[str, ...]) -> RenderableType:
    """Return what a reader must know, in a line or two each; the report has it all."""
    found: list[str] = []
    for note in notes:
        judged = len(judged_latencies(note))
        if judged:
            told = "latency is" if judged == 1 else "latencies are"
            found.append(f"{judged} {told} judged, not measured (report.html lists them)")
        else:
            found.append(textwrap.shorten(plain(note), NOTE_CHARACTERS_MAX, placeholder=" …"))
    if len(found) > NOTES_MAX:
        hidden = len(found) - NOTES_MAX + 1
        found[NOTES_MAX - 1 :] = [f"{hidden} more notes are in report.html"]
    table = Table.grid(padding=(0, 1))
    for note in found:
        table.add_row(Text("–", style="dim"), Text(note, style="dim"))
    return table


def _expectations(record: RunRecord) -> RenderableType:
    results = record.expectations
    unmet = sum(1 for result in results if not result.passed)
    if unmet:
        title = Text(f"✗ {unmet} of {len(results)} expectations not met", style="bold red")
    else:
        title = Text(f"✓ All {len(results)} expectations met", style="bold green")
    table = Table(box=None, show_header=False, pad_edge=False, show_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for result in sorted(results, key=lambda one: one.passed):
        mark = Text("✓ met" if result.passed else "✗ not met")
        mark.stylize("green" if result.passed else "bold red")
        table.add_row(mark, Text(plain(result.expression)), Text(_actual(result, record.figures)))
    return Group(title, table)


def _actual(result: ExpectationResult, figures: Mapping[str, Figure]) -> str:
    """Return what came out, as exactly as it was compared, in the unit of its figure."""
    if result.actual is None:
        return "never happened"
    figure = figures.get(result.figure)
    unit = UNIT_LABELS[figure.unit] if figure is not None else ""
    return f"was {result.actual:,.6g} {unit}".rstrip()


def _footer(record: RunRecord) -> RenderableType:
    seconds = record.engine.get("wall_seconds")
    simulated = (record.reached_ms - record.start_ms) / 1000
    took = f", {duration_text(simulated)} computed in {duration_text(seconds)}" if seconds else ""
    text = f"trace {plain(record.trace_hash)[:16]}{took}; summary.json has every figure"
    return Text(text, style="dim")
