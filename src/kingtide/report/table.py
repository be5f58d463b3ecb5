"""The run as a table in a terminal, and several runs side by side."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kingtide.rehearsal.record import ExpectationResult, RunRecord
from kingtide.report.clock import clock_text, duration_text, span_text
from kingtide.report.figures import NEVER, grouped, value_text
from kingtide.report.plain import plain

NAME_COLUMNS_MAX = 44
"""Of 80 columns, so that a value and a margin always fit on the line."""


def summary(record: RunRecord) -> RenderableType:
    """Return a record's figures, grouped, with its expectations last, where the eye rests.

    Meaning never hangs on colour: unmet expectations are marked ✗ and say so.
    """
    parts: list[RenderableType] = [_heading(record)]
    if record.partial:
        reached = clock_text(record.reached_ms, record.timezone)
        parts.append(Text(f"Partial run: stopped at {reached}", style="bold yellow"))
    parts.append(_figures(record))
    if record.notes:
        notes = Text("\n".join(f"– {plain(note)}" for note in record.notes), style="dim")
        parts.append(Padding(notes, (1, 0, 0, 0)))
    if record.expectations:
        parts.append(Padding(_expectations(record.expectations), (1, 0, 0, 0)))
    parts.append(_footer(record))
    return Group(*parts)


def compare(*records: RunRecord) -> RenderableType:
    """Return the figures of several records side by side, one column a record in the given order.

    A figure that a record does not have is left blank; one that never happened is a dash.
    """
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("", max_width=NAME_COLUMNS_MAX, overflow="fold")
    for record in records:
        header = Text(f"{plain(record.name, 40)}\nseed {record.seed}")
        table.add_column(header, justify="right", overflow="fold")
    figures = {key: figure for record in records for key, figure in record.figures.items()}
    for title, group in grouped(figures).items():
        table.add_row(Text(title, style="bold cyan"))
        for key, figure in group.items():
            cells = [_cell(record, key) for record in records]
            table.add_row(_indented(figure.title), *cells)
    if any(record.expectations for record in records):
        table.add_row(Text("Expectations", style="bold cyan"), *map(_verdict, records))
    return table


def _heading(record: RunRecord) -> RenderableType:
    text = Text(plain(record.name), style="bold")
    span = span_text(record.start_ms, record.end_ms, record.timezone)
    cluster = f"{plain(record.cluster)}, {span} {plain(record.timezone)}, seed {record.seed}"
    return Group(text, Text(cluster, style="dim"))


def _figures(record: RunRecord) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False, show_edge=False)
    table.add_column(max_width=NAME_COLUMNS_MAX + 6, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for title, group in grouped(record.figures).items():
        table.add_row("")
        table.add_row(Text(title, style="bold cyan"))
        for figure in group.values():
            table.add_row(_indented(figure.title), value_text(figure.value, figure.unit))
    return table


def _expectations(results: tuple[ExpectationResult, ...]) -> RenderableType:
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
        actual = "never happened" if result.actual is None else f"was {result.actual:,.6g}"
        table.add_row(mark, Text(plain(result.expression)), Text(actual))
    return Group(title, table)


def _footer(record: RunRecord) -> RenderableType:
    seconds = record.engine.get("wall_seconds")
    simulated = (record.reached_ms - record.start_ms) / 1000
    took = f", {duration_text(simulated)} computed in {duration_text(seconds)}" if seconds else ""
    return Padding(Text(f"trace {plain(record.trace_hash)[:16]}{took}", style="dim"), (1, 0, 0, 0))


def _indented(title: str) -> RenderableType:
    return Padding(Text(plain(title)), (0, 0, 0, 2))


def _cell(record: RunRecord, key: str) -> Text:
    figure = record.figures.get(key)
    return Text(value_text(figure.value, figure.unit) if figure else "")


def _verdict(record: RunRecord) -> Text:
    if not record.expectations:
        return Text(NEVER)
    met = sum(1 for result in record.expectations if result.passed)
    mark = "✓" if met == len(record.expectations) else "✗"
    return Text(f"{mark} {met} of {len(record.expectations)} met")
