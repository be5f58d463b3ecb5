"""Put the tables of a record where people read them: README.md and docs/concepts/performance.md."""

from __future__ import annotations

from pathlib import Path

from benchmarks.record import HISTORY, Record, read
from benchmarks.tables import (
    Sheet,
    described,
    sheets,
    sheets_alone,
    sheets_together,
    sheets_with_targets,
)

ROOT = Path(__file__).resolve().parent.parent
BRIEF, WHOLE = ROOT / "README.md", ROOT / "docs" / "concepts" / "performance.md"
BEGIN, END = "<!-- benchmarks/history/", "<!-- end of the benchmark's figures -->"

ALONE_BEGIN, ALONE_END = "<!-- {}'s figures -->", "<!-- end of {}'s figures -->"
"""Of what is measured alone, too: it has a place of its own in the page."""


def as_markdown(path: Path) -> str:
    """Return all of a record's tables."""
    record = read(path)
    return _tables(record, sheets(record))


def _tables(record: Record, chosen: list[Sheet]) -> str:
    return "\n".join([described(record), "", *(sheet.as_markdown() for sheet in chosen)])


def published_text(text: str, path: Path, *, brief: bool) -> str:
    """Return a page with the figures of a record in the place of those that it has.

    What is measured alone, too, is not among them; nor are tables without targets where it is
    brief.

    Raises:
        ValueError: the page has no place for them.
    """
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there is no {BEGIN}... and {END}")
    record = read(path)
    chosen = sheets_with_targets(record) if brief else sheets_together(record)
    return f"{head}{BEGIN}{path.name} -->\n\n{_tables(record, chosen)}\n{END}{tail}"


def record_in(text: str) -> Path:
    """Return the record whose figures a page has."""
    return HISTORY / text.partition(BEGIN)[2].partition(" -->")[0]


def publish(path: Path) -> None:
    """Put a record's figures into both pages."""
    for page in (BRIEF, WHOLE):
        text = page.read_text(encoding="utf-8")
        page.write_text(published_text(text, path, brief=page == BRIEF), encoding="utf-8")
    record = read(path)
    for whose, sheet in sheets_alone(record):
        publish_alone(whose, _tables(record, [sheet]))


def publish_alone(whose: str, table: str) -> None:
    """Put the table of what was measured alone into the page, at the place of whose it is.

    Raises:
        ValueError: the page has no place for it.
    """
    text = WHOLE.read_text(encoding="utf-8")
    head, begin, rest = text.partition(ALONE_BEGIN.format(whose))
    _, end, tail = rest.partition(ALONE_END.format(whose))
    if not begin or not end:
        raise ValueError(f"there is no {ALONE_BEGIN.format(whose)} and its end")
    WHOLE.write_text(f"{head}{begin}\n\n{table}\n{end}{tail}", encoding="utf-8")
