"""A comparison as tables for a terminal: published against rehearsed, differences, judgements."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kingtide.rehearsal.comparison.outcome import Outcome
from kingtide.report.comparison_rows import Rows
from kingtide.report.comparison_text import (
    moved_text,
    partial_text,
    runs_text,
    try_title,
    unmoved_text,
)
from kingtide.report.plain import plain

DIFFERENCE_CHARACTERS_MAX = 100
"""Of one field in the terminal; the document has them whole."""


def comparison(outcome: Outcome) -> RenderableType:
    """Return a comparison's tables. Meaning never hangs on colour."""
    parts: list[RenderableType] = [Text(plain(outcome.title), style="bold")]
    if outcome.partial:
        parts.append(Text(partial_text(outcome), style="bold yellow"))
    parts.append(Rows(outcome))
    legend = f"p50 (p90) over seeds; off by: {outcome.reference} against published"
    parts.append(Padding(Text(legend, style="dim"), (0, 0, 1, 0)))
    parts.append(_differences(outcome))
    if outcome.tries:
        parts.append(_tries(outcome))
    parts.extend(
        Text(f"skipped {plain(row.name)}: {plain(row.reason)}", style="yellow")
        for row in outcome.skipped
    )
    parts.append(Text(runs_text(outcome), style="dim"))
    return Group(*parts)


def _differences(outcome: Outcome) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    table.add_column("differs from the base in", overflow="fold")
    for scenario, fields in outcome.differences.items():
        shown = "\n".join(plain(field, DIFFERENCE_CHARACTERS_MAX) for field in fields)
        table.add_row(plain(scenario), shown or "nothing")
    return Padding(table, (0, 0, 1, 0))


def _tries(outcome: Outcome) -> RenderableType:
    """Return each judged value on lines of its own, and below it the rows that it moves."""
    cells = {one.name: [(plain(m.row), *moved_text(m)) for m in one.moved] for one in outcome.tries}
    heading = ("judged value, and the rows it moves", "lower", "as is", "higher")
    every = [heading, *(line for lines in cells.values() for line in lines)]
    widths = [max(map(cell_len, column)) for column in zip(*every, strict=True)]
    parts = [Text(_aligned(widths, heading), style="bold")] if len(every) > 1 else []
    for one in outcome.tries:
        if cells[one.name]:
            parts.append(Text(plain(try_title(one)), style="cyan"))
        parts.extend(Text(_aligned(widths, line)) for line in cells[one.name])
    parts.append(Text(unmoved_text(outcome), style="dim"))
    return Padding(Group(*parts), (0, 0, 1, 0))


def _aligned(widths: Sequence[int], cells: Sequence[str]) -> str:
    """Return cells as one line: the first to the left, values to the right."""
    values = zip(widths[1:], cells[1:], strict=True)
    aligned = (" " * (width - cell_len(value)) + value for width, value in values)
    return "  ".join((set_cell_size(cells[0], widths[0]), *aligned))
