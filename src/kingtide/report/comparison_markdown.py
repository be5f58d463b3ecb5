"""A comparison as Markdown, between markers of a document that people write around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kingtide.rehearsal.comparison.outcome import Outcome, RowOutcome
from kingtide.report.comparison_text import (
    moved_text,
    off_by_text,
    published_text,
    runs_text,
    seeds_text,
    spread_text,
    try_title,
    unmoved_text,
)


class NoMarkers(ValueError):
    """A document has no place for a comparison's tables; the message says what to add."""


def markers(name: str) -> tuple[str, str]:
    """Return the lines between which a comparison's tables stand."""
    return f"<!-- comparison {name}: begin (generated) -->", f"<!-- comparison {name}: end -->"


def insert(document: str, name: str, tables: str) -> str:
    """Return a document with its tables replaced.

    Raises:
        NoMarkers: it has not each marker once, the beginning first.
    """
    begin, end = markers(name)
    before, found, rest = document.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end or begin in rest or end in before + after:
        raise NoMarkers(f"needs the line `{begin}` and below it the line `{end}`, each once")
    return f"{before}{begin}\n\n{tables}\n{end}{after}"


def markdown(outcome: Outcome) -> str:
    """Return a comparison's tables; the same outcome gives the same text."""
    return "\n".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    yield f"### {_escaped(outcome.title)}"
    yield ""
    yield (
        f"{runs_text(outcome)}. Values are p50 over the seeds, p90 in brackets where it differs."
        f" *Off by* holds `{outcome.reference}` against the published figure and its own tolerance."
    )
    yield ""
    yield from _table(
        ("row", "", "published", *(f"`{v}`" for v in outcome.variants), "off by"),
        [_row(outcome, row) for row in outcome.rows],
    )
    yield ""
    yield from _skipped(outcome)
    yield from _sources(outcome)
    yield "### In which fields each scenario differs"
    yield ""
    for scenario, fields in outcome.differences.items():
        yield f"- `{scenario}`: " + ("; ".join(f"`{field}`" for field in fields) or "nothing")
    yield ""
    yield from _tries(outcome)


def _row(outcome: Outcome, row: RowOutcome) -> tuple[str, ...]:
    return (
        row.name,
        row.title,
        published_text(row),
        *(spread_text(row.variants[variant], row.unit) for variant in outcome.variants),
        off_by_text(row),
    )


def _skipped(outcome: Outcome) -> Iterator[str]:
    for row in outcome.skipped:
        yield f"- Skipped {row.name} ({_escaped(row.title)}): {_escaped(row.reason)}."
    if outcome.skipped:
        yield ""


def _sources(outcome: Outcome) -> Iterator[str]:
    yield "### What each row is, and where its published figure stands"
    yield ""
    for row in outcome.rows:
        text = f"- **{row.name}**: `{row.measured}`, {row.statistic}"
        text += f" of {seeds_text(outcome, row)}, `{row.scenario}`."
        if row.judged_in != outcome.reference:
            text += f" Judged in `{row.judged_in}`."
        if row.expectation is not None:
            asked = row.expectation.expression.removeprefix(f"{row.name} ")
            text += f" Asked for: `{asked}`, {'met' if row.expectation.passed else 'MISSED'}."
        if row.source is not None:
            text += f" {_sentence(row.source)}"
        if row.note is not None:
            text += f" {_sentence(row.note)}"
        yield text
    yield ""


def _tries(outcome: Outcome) -> Iterator[str]:
    if not outcome.tries:
        return
    yield "### What judged values do"
    yield ""
    yield (
        f"Each at half and at twice its value (settings as they say), in `{outcome.reference}`,"
        f" over the first {outcome.tries_seeds} seeds; only figures that move by more than their"
        " row's resolution."
    )
    yield ""
    yield from _table(
        ("judged", "row", "lower", "as is", "higher"),
        [
            (try_title(one) if number == 0 else "", moved.row, *moved_text(moved))
            for one in outcome.tries
            for number, moved in enumerate(one.moved)
        ],
    )
    yield ""
    yield unmoved_text(outcome)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield _line(header)
    yield "|" + "|".join("---" for _ in header) + "|"
    for row in rows:
        yield _line([_escaped(cell) for cell in row])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _escaped(text: str) -> str:
    """Return text that stays in its cell: a name from a file must not become a column or a tag."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _sentence(text: str) -> str:
    text = _escaped(text)
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
