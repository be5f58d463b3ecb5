"""A table: its columns, and the cells of an object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from kingtide.twin.apiserver.entries import Entry

Cell = str | int | None
Cells = Callable[[Entry, int], list[Cell]]
"""Makes the cells of an object; the second argument is the time, in milliseconds."""


class Column(NamedTuple):
    """A column; one that is `wide` is shown with `-o wide` alone."""

    name: str
    type: Literal["string", "integer"] = "string"
    wide: bool = False
    format: str = ""


class Table(NamedTuple):
    """The columns of a kind, and how its objects become rows."""

    columns: tuple[Column, ...]
    cells: Cells

    def definitions(self) -> list[dict[str, Any]]:
        """Return the columns as the API writes them."""
        return [
            {
                "name": it.name,
                "type": it.type,
                "format": it.format or ("name" if it.name == "Name" else ""),
                "description": "",
                "priority": 1 if it.wide else 0,
            }
            for it in self.columns
        ]


NAME = Column("Name")
AGE = Column("Age")
