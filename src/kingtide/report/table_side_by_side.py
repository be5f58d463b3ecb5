"""Several runs side by side: the figures in which they differ, under their own names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from kingtide.rehearsal.record import Figure, RunRecord
from kingtide.report.figures import NEVER, short_text
from kingtide.report.plain import plain
from kingtide.report.table_grid import Grid, GridColumn, GridRow, Layout, layout, lines, wrapped
from kingtide.report.table_matrices import has_happened, more_is_worse
from kingtide.report.table_rows import WORST, listed, marked

HEAD_COLUMNS_MAX = 11
"""Of a run's name, which goes on below, so that three runs fit beside figures in 80 columns."""

LABEL_COLUMNS_MAX = 46
"""Of a figure's name, which goes on below; it carries the unit that a value leaves out."""

SAME_MAX = 12
"""Figures that are told of those in which all runs agree: enough to see what stays."""


def compare(*records: RunRecord) -> RenderableType:
    """Return the figures of several records side by side, one column a record in the given order.

    Figures that are the same in all records, and those of which nothing happened in any, share a
    line. A figure that a record does not have is left blank; one that never happened is a dash.
    More records than fit beside each other go on in a further table.
    """
    return _SideBySide(records)


class _SideBySide:
    def __init__(self, records: Sequence[RunRecord]) -> None:
        self._records = tuple(records)
        keys = dict.fromkeys(key for record in records for key in record.figures)
        self._quiet = tuple(key for key in keys if not _happened(key, records))
        self._same = tuple(key for key in keys if key not in self._quiet and _same(key, records))
        left_out = frozenset((*self._quiet, *self._same))
        self._shown = tuple(key for key in keys if key not in left_out)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        width, first = options.max_width, 0
        while first < len(self._records):
            if first:
                yield Text()
            columns = tuple(_column(record, n) for n, record in enumerate(self._records[first:]))
            grid = Grid("", columns, self._rows(first), LABEL_COLUMNS_MAX)
            chosen = layout(grid, width)
            yield from lines(_without_empty_rows(grid, chosen), chosen)
            first += len(chosen.shown)
        if self._same:
            figures = self._records[0].figures
            told = [f"{key} {_text(figures[key])}" for key in self._same]
            yield wrapped(f"the same in all: {listed(told, SAME_MAX)}", width)
        if self._quiet:
            yield wrapped(f"zero or never in all: {listed(self._quiet, SAME_MAX)}", width)
        yield Text(f"{WORST} worst of the runs   {NEVER} never happened", style="dim")

    def _rows(self, first: int) -> tuple[GridRow, ...]:
        records = self._records[first:]
        rows: list[GridRow] = []
        for key in self._shown:
            worst = _worst(key, self._records)
            cells = tuple(_cell(record.figures.get(key), worst) for record in records)
            rows.append(GridRow(plain(key), cells))
        if any(record.expectations for record in self._records):
            rows.append(GridRow("expectations", tuple(_verdict(record) for record in records)))
        return tuple(rows)


def _without_empty_rows(grid: Grid, chosen: Layout) -> Grid:
    """Return a grid without figures that none of the runs shown has."""
    rows = (row for row in grid.rows if any(row.cells[number].plain for number in chosen.shown))
    return msgspec.structs.replace(grid, rows=tuple(rows))


def _column(record: RunRecord, number: int) -> GridColumn:
    """Return a run's column; where not all fit, the last ones go to the next table."""
    parts = re.split(r"(?<=[-_./ ])", plain(record.name, 40))
    name = [""]
    for part in parts:
        if name[-1] and cell_len(name[-1] + part) > HEAD_COLUMNS_MAX:
            name.append("")
        name[-1] += part
    above = ["partial"] if record.partial else []
    return GridColumn("\n".join([*above, *name, f"seed {record.seed}"]), yields=number)


def _text(figure: Figure) -> str:
    return short_text(figure.value, figure.unit)


def _cell(figure: Figure | None, worst: str | None) -> Text:
    if figure is None:
        return Text()
    text = _text(figure)
    return marked(text, worst=text == worst, unmet=False)


def _verdict(record: RunRecord) -> Text:
    if not record.expectations:
        return Text(NEVER)
    met = sum(1 for result in record.expectations if result.passed)
    if met == len(record.expectations):
        return Text(f"✓ {met} of {met} met")
    return Text(f"✗ {met} of {len(record.expectations)} met", style="bold red")


def _figures(key: str, records: Sequence[RunRecord]) -> list[Figure]:
    return [found for record in records if (found := record.figures.get(key)) is not None]


def _happened(key: str, records: Sequence[RunRecord]) -> bool:
    return any(has_happened(figure.value) for figure in _figures(key, records))


def _same(key: str, records: Sequence[RunRecord]) -> bool:
    """Return whether all records have a figure and it reads the same in all."""
    texts = [_text(figure) for figure in _figures(key, records)]
    return 1 < len(records) == len(texts) and all(text == texts[0] for text in texts)


def _worst(key: str, records: Sequence[RunRecord]) -> str | None:
    """Return the worst value as it reads; None where more is not worse, or where all agree."""
    figures = _figures(key, records)
    arisen = [figure for figure in figures if figure.value is not None]
    if not arisen or not more_is_worse(key, figures[0].unit):
        return None
    worst = max(arisen, key=lambda figure: figure.value or 0.0)
    return _text(worst) if any(_text(figure) != _text(worst) for figure in figures) else None
