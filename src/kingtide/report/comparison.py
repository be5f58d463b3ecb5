"""A comparison as tables for a terminal: published against rehearsed, differences, judgements."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kingtide.rehearsal.comparison.outcome import Outcome, RowOutcome
from kingtide.report.comparison_text import (
    moved_text,
    off_by_text,
    published_text,
    runs_text,
    spread_text,
    try_title,
    unmoved_text,
)
from kingtide.report.plain import plain

TITLE_COLUMNS_MIN = 22
"""Of 80 columns, so that titles take few lines beside five columns of values."""

PUBLISHED_COLUMNS_MAX = 12
"""Of 80 columns: "up to 45 min" fits, and longer tellings take lines."""

DIFFERENCE_CHARACTERS_MAX = 100
"""Of one field in the terminal; the document has them whole."""


def comparison(outcome: Outcome) -> RenderableType:
    """Return a comparison's tables. Meaning never hangs on colour."""
    parts: list[RenderableType] = [Text(plain(outcome.title), style="bold"), _rows(outcome)]
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


def _rows(outcome: Outcome) -> RenderableType:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", min_width=TITLE_COLUMNS_MIN, overflow="fold")
    table.add_column("published", max_width=PUBLISHED_COLUMNS_MAX)
    for variant in outcome.variants:
        table.add_column(variant, justify="right")
    table.add_column("off by", justify="right")
    for row in outcome.rows:
        table.add_row(_title(row), plain(published_text(row)), *_cells(outcome, row), _off_by(row))
    return table


def _cells(outcome: Outcome, row: RowOutcome) -> list[str]:
    """Return the variants' values; one that is as the reference says so, to be seen at a glance."""
    reference = spread_text(row.variants[outcome.reference], row.unit)
    found = []
    for variant in outcome.variants:
        text = spread_text(row.variants[variant], row.unit)
        same = variant != outcome.reference and text == reference
        found.append(
            "same"
            if same
            else text.replace(" (", "\n(").replace(", in ", "\nin ").replace(" of ", "\nof ")
        )
    return found


def _title(row: RowOutcome) -> Text:
    text = Text(f"{plain(row.name)}\n", style="cyan")
    return text.append(plain(row.title), style="default")


def _off_by(row: RowOutcome) -> Text:
    text = Text(off_by_text(row))
    if row.off_by is not None:
        text.stylize("green" if row.off_by == 0 else "bold yellow")
    return text


def _differences(outcome: Outcome) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    table.add_column("differs from the base in", overflow="fold")
    for scenario, fields in outcome.differences.items():
        shown = "\n".join(plain(field, DIFFERENCE_CHARACTERS_MAX) for field in fields)
        table.add_row(plain(scenario), shown or "nothing")
    return Padding(table, (0, 0, 1, 0))


def _tries(outcome: Outcome) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for title in ("judged", "moves row"):
        table.add_column(title, overflow="fold")
    for title in ("lower", "as is", "higher"):
        table.add_column(title, justify="right", overflow="fold")
    for one in outcome.tries:
        for number, moved in enumerate(one.moved):
            title = plain(try_title(one)) if number == 0 else ""
            table.add_row(title, plain(moved.row), *moved_text(moved))
    still = Text(unmoved_text(outcome), style="dim")
    return Padding(Group(table, still), (0, 0, 1, 0))
