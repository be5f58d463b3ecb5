"""Which table a resource has; one that has none of its own shows name and age."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.tables.ages import age
from kingtide.twin.apiserver.tables.row import NAME, Cell, Column, Table


def _plain(entry: Entry, now_ms: int) -> list[Cell]:
    return [entry.name, age(entry, now_ms)]


PLAIN = Table((NAME, Column("Age")), _plain)
TABLES: Mapping[str, Table] = {}


def table_of(resource: Resource) -> Table:
    """Return the table of a resource."""
    return TABLES.get(resource.kind, PLAIN)
