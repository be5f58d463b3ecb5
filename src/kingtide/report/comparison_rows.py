"""A comparison's rows in a terminal: side by side where that fits, stacked where it does not.

No figure and no row's name is ever cut or broken: what does not fit beside gets a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kingtide.rehearsal.comparison.outcome import Outcome, RowOutcome
from kingtide.report.comparison_text import (
    off_by_text,
    published_text,
    variant_texts,
)
from kingtide.report.plain import plain

TITLE_COLUMNS_MIN = 22
"""Of a terminal, so that titles take few lines beside the values; a longer name takes more."""

PUBLISHED_COLUMNS_MAX = 12
"""Of a terminal: "up to 45 min" fits, and longer tellings take lines."""

OFF_BY = "off by"
PUBLISHED = "published"


class Rows:
    """A comparison's rows, as wide as the terminal allows."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield one table, or one block a row where a table would cut its values."""
        if side_by_side_columns(self.outcome) <= options.max_width:
            yield _side_by_side(self.outcome)
        else:
            yield from _stacked(self.outcome)


def side_by_side_columns(outcome: Outcome) -> int:
    """Return how many columns of a terminal one table takes, its titles wrapped."""
    values = [
        _widest([variant, *(cell for row in outcome.rows for cell in _cells(outcome, row)[number])])
        for number, variant in enumerate(outcome.variants)
    ]
    off_by = _widest([OFF_BY, *(off_by_text(row) for row in outcome.rows)])
    columns = (_title_columns(outcome), _published_columns(outcome), *values, off_by)
    return sum(columns) + len(columns) - 1


def _side_by_side(outcome: Outcome) -> RenderableType:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", min_width=_title_columns(outcome))
    table.add_column(PUBLISHED, max_width=_published_columns(outcome))
    for variant in outcome.variants:
        table.add_column(variant, justify="right", no_wrap=True)
    table.add_column(OFF_BY, justify="right", no_wrap=True)
    for row in outcome.rows:
        title = Text(f"{plain(row.name)}\n", style="cyan").append(plain(row.title), "default")
        cells = ("\n".join(cell) for cell in _cells(outcome, row))
        table.add_row(title, plain(published_text(row)), *cells, _off_by(row))
    return table


def _stacked(outcome: Outcome) -> Iterator[RenderableType]:
    names = _widest((PUBLISHED, OFF_BY, *outcome.variants))
    for row in outcome.rows:
        yield Text(plain(row.name), style="cyan")
        yield Padding(Text(plain(row.title)), (0, 0, 0, 2))
        lines = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=False)
        lines.add_column(style="bold", min_width=names, no_wrap=True)
        lines.add_column(overflow="fold")
        lines.add_row(PUBLISHED, plain(published_text(row)))
        for variant, text in zip(outcome.variants, variant_texts(outcome, row), strict=True):
            lines.add_row(variant, text)
        if off_by_text(row):
            lines.add_row(OFF_BY, _off_by(row))
        yield Padding(lines, (0, 0, 0, 2))


def _cells(outcome: Outcome, row: RowOutcome) -> list[list[str]]:
    """Return the lines of each variant's value: the middle, the ninetieth, how often it arose."""
    return [
        text.replace(" (", "\n(").replace(", in ", "\nin ").replace(" of ", "\nof ").split("\n")
        for text in variant_texts(outcome, row)
    ]


def _off_by(row: RowOutcome) -> Text:
    text = Text(off_by_text(row))
    if row.off_by is not None:
        text.stylize("green" if row.off_by == 0 else "bold yellow")
    return text


def _title_columns(outcome: Outcome) -> int:
    return max(TITLE_COLUMNS_MIN, _widest(plain(row.name) for row in outcome.rows))


def _published_columns(outcome: Outcome) -> int:
    words = (word for row in outcome.rows for word in plain(published_text(row)).split())
    return max(PUBLISHED_COLUMNS_MAX, _widest(words))


def _widest(texts: Iterable[str]) -> int:
    return max(map(cell_len, texts), default=0)
