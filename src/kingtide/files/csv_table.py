"""Read a CSV file to columns of text, every cell with its line and column for messages about it.

Cells are separated by commas and may stand in double quotes (RFC 4180), but end with their line.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kingtide.files.reading import read_bytes
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Place

# Three months of one value a minute are 5 MB; a year of one value a second would be 1 GB and is no
# demand curve.
MAX_BYTES = 64_000_000


class Cell(msgspec.Struct, frozen=True, gc=False):
    """A text with its place; line and column count from 1."""

    text: str
    line: int
    column: int


class Table(msgspec.Struct, frozen=True):
    """A CSV file: its header and, for each further line that is not empty, as many cells."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def index(self, column: str) -> int:
        """Return a column's position.

        Raises:
            Mistakes: there is no such column.
        """
        if column in self.header:
            return self.header.index(column)
        advice = did_you_mean(column, self.header, what="columns")
        wrong = f"there is no column {column!r}"
        raise Mistakes([Mistake(Place(self.file, 1, 1), "", wrong, advice)])

    def place(self, cell: Cell) -> Place:
        """Return where a cell stands."""
        return Place(self.file, cell.line, cell.column)


def read_csv(path: Path, *, named_at: Place | None = None) -> Table:
    """Return a CSV file, gzipped if its name ends in .gz; `named_at` is where a user named it.

    Raises:
        Mistakes: it cannot be read, or lines are no CSV or differ in their number of cells.
    """
    text = _text(path, named_at)
    lines = text.split("\n")
    findings = Findings()
    header: tuple[str, ...] = ()
    rows: list[tuple[Cell, ...]] = []
    for number, line in enumerate(lines, start=1):
        stripped = line.rstrip("\r")
        if not stripped.strip():
            continue
        try:
            cells = tuple(_cells(stripped, number))
        except csv.Error as error:
            findings.add(
                Place(str(path), number, 1), (), f"is not CSV: {error}", "check its quotes"
            )
            continue
        if not header:
            header = tuple(cell.text.strip() for cell in cells)
        elif len(cells) != len(header):
            place = Place(str(path), number, cells[-1].column)
            wrong = f"has {len(cells)} cells, the first line has {len(header)}"
            findings.add(place, (), wrong, f"write {','.join(header)}")
        else:
            rows.append(cells)
    findings.raise_if_any()
    if not rows:
        wrong = "holds no lines of values"
        raise Mistakes([Mistake(Place(str(path), 1, 1), "", wrong, "write a header and values")])
    return Table(str(path), header, tuple(rows))


def _text(path: Path, named_at: Place | None) -> str:
    found = read_bytes(path, max_bytes=MAX_BYTES, named_at=named_at)
    place = Place(str(path), 0, 0)
    if path.suffix == ".gz":
        try:
            found = _decompressed(found)
        except (OSError, EOFError, zlib.error) as error:
            wrong = f"is not a gzip file ({error})"
            raise Mistakes([Mistake(place, "", wrong, "compress it with gzip")]) from error
        if len(found) > MAX_BYTES:
            wrong = f"is larger than {MAX_BYTES:,} bytes once decompressed"
            raise Mistakes([Mistake(place, "", wrong, "split the file")])
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = found[: error.start].count(b"\n") + 1
        wrong = "is not UTF-8 text"
        raise Mistakes(
            [Mistake(Place(str(path), line, 1), "", wrong, "save it as UTF-8")]
        ) from error


def _decompressed(found: bytes) -> bytes:
    """Return at most one byte more than is allowed, so that a small file cannot fill the memory."""
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    text = reader.decompress(found, MAX_BYTES + 1)
    if not reader.eof and len(text) <= MAX_BYTES:
        raise EOFError("it ends too early")
    return text


def _cells(line: str, number: int) -> Iterator[Cell]:
    texts = next(csv.reader([line], strict=True))
    column = 1
    for text in texts:
        yield Cell(text, number, column)
        column = _after_comma(line, column)


def _after_comma(line: str, column: int) -> int:
    """Return the column behind the comma that ends the cell beginning at a column."""
    quoted = False
    for position in range(column - 1, len(line)):
        if line[position] == '"':
            quoted = not quoted
        elif line[position] == "," and not quoted:
            return position + 2
    return len(line) + 1
