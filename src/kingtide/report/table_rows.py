"""Which rows and columns of a matrix are worth a line, and what is marked in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from rich.text import Text

from kingtide.rehearsal.record import Figure
from kingtide.report.figures import short_text
from kingtide.report.plain import plain
from kingtide.report.table_grid import Grid, GridColumn, GridRow
from kingtide.report.table_matrices import Column, Filled, has_happened

ROWS_MAX = 24
"""Rows of one table, half a screen; the rows left out are named and are nowhere the worst."""

NAMES_MAX = 24
"""Names in one line of what is left out, some lines of 80 columns; summary.json has them all."""

LABEL_CHARACTERS_MAX = 63
"""A name of Kubernetes' objects; longer ones come from nowhere good."""

WORST, UNMET = "▲", "✗"
"""Marks before a value: the worst of its column, and not what an expectation asks for."""


class MatrixTable(msgspec.Struct, frozen=True):
    """A matrix ready to be laid out: its grid, the names of its columns, and the rows it omits."""

    grid: Grid
    columns: tuple[Column, ...]
    quiet: tuple[str, ...]
    less_hit: tuple[str, ...]


def matrix_table(
    filled: Filled, figures: Mapping[str, Figure], unmet: frozenset[str]
) -> MatrixTable:
    """Return a matrix with the rows in which something happened, and those that fit on a screen.

    `unmet` are the figures that an expectation is not met by; their rows always stay.
    """
    used = tuple(c for c in filled.matrix.columns if any(c in row for row in filled.rows.values()))
    hit = {name: row for name, row in filled.rows.items() if not _is_quiet(row, figures, unmet)}
    worst = _worst(used, hit, figures) if filled.matrix.ranked else {}
    kept = _worst_rows(hit, figures, worst, unmet)
    marked = worst if len(hit) > 1 else {}
    rows = tuple(
        GridRow(
            plain(name, LABEL_CHARACTERS_MAX),
            tuple(_cell(column, hit[name], figures, marked, unmet) for column in used),
        )
        for name in kept
    )
    columns = tuple(GridColumn(c.head, c.group, c.yields) for c in used)
    return MatrixTable(
        Grid(filled.matrix.title, columns, rows),
        used,
        tuple(name for name in filled.rows if name not in hit),
        tuple(name for name in hit if name not in kept),
    )


def listed(names: Sequence[str], most: int = NAMES_MAX) -> str:
    """Return names in a row, the first ones of very many."""
    shown = ", ".join(plain(name, LABEL_CHARACTERS_MAX) for name in names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def marked(text: str, *, worst: bool, unmet: bool) -> Text:
    """Return a value as a cell; a mark and bold say what colour only repeats."""
    if unmet:
        return Text(UNMET + text, style="bold red")
    return Text(WORST + text, style="bold yellow") if worst else Text(text)


def _is_quiet(
    row: Mapping[Column, str], figures: Mapping[str, Figure], unmet: frozenset[str]
) -> bool:
    if any(key in unmet for key in row.values()):
        return False
    moving = [key for column, key in row.items() if not column.level]
    return bool(moving) and not any(has_happened(figures[key].value) for key in moving)


def _worst(
    columns: Iterable[Column],
    rows: Mapping[str, Mapping[Column, str]],
    figures: Mapping[str, Figure],
) -> dict[Column, float]:
    """Return the worst value of every column in which rows differ and more is worse."""
    found: dict[Column, float] = {}
    for column in columns:
        values = [_value(row, column, figures) for row in rows.values()]
        if column.worse and max(values, default=0.0) > 0:
            found[column] = max(values)
    return found


def _value(row: Mapping[Column, str], column: Column, figures: Mapping[str, Figure]) -> float:
    return (figures[row[column]].value or 0.0) if column in row else 0.0


def _worst_rows(
    rows: Mapping[str, Mapping[Column, str]],
    figures: Mapping[str, Figure],
    worst: Mapping[Column, float],
    unmet: frozenset[str],
) -> tuple[str, ...]:
    """Return the rows to show, in their order: those that come nearest to the worst of a column."""

    def badness(name: str) -> tuple[bool, float]:
        row = rows[name]
        shares = [
            _value(row, column, figures) / most
            for column, most in worst.items()
            if not column.level
        ]
        return any(key in unmet for key in row.values()), max(shares, default=0.0)

    chosen = frozenset(sorted(rows, key=badness, reverse=True)[:ROWS_MAX])
    return tuple(name for name in rows if name in chosen)


def _cell(
    column: Column,
    row: Mapping[Column, str],
    figures: Mapping[str, Figure],
    worst: Mapping[Column, float],
    unmet: frozenset[str],
) -> Text:
    key = row.get(column)
    if key is None:
        return Text()
    figure = figures[key]
    text = short_text(figure.value, figure.unit)
    is_worst = column in worst and text == short_text(worst[column], figure.unit)
    return marked(text, worst=is_worst, unmet=key in unmet)
