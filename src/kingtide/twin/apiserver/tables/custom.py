"""The tables of custom kinds: the columns that their definitions have.

Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
#additional-printer-columns (v1.36). Of JSONPath, fields, indexes and equality filters are followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kingtide.kube.wire.times import time_ms
from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.structural import ShownColumn
from kingtide.twin.apiserver.tables.ages import UNKNOWN, since
from kingtide.twin.apiserver.tables.row import NAME, Cell, Column, Table

_STEP = re.compile(
    r"""\.(?P<name>(?:[^.\[\\]|\\.)+)          # .replicas, .kubernetes\.io/name
    |\['(?P<quoted>[^']+)'\]                    # ['a.b']
    |\[(?P<index>\d+|\*)\]                      # [0], [*]
    |\[\?\(@\.(?P<key>[\w.]+)==['"](?P<value>[^'"]*)['"]\)\]  # [?(@.type=="Ready")]
    """,
    re.VERBOSE,
)


def custom_table(resource: Resource) -> Table:
    """Return the table of a custom kind."""
    shown = resource.columns
    columns = tuple(
        Column(it.name, "integer" if it.type == "integer" else "string", it.is_wide) for it in shown
    )

    def cells(entry: Entry, now_ms: int) -> list[Cell]:
        body = entry.body()
        return [entry.name, *(_cell(body, it, now_ms) for it in shown)]

    return Table((NAME, *columns), cells)


def _cell(body: Any, column: ShownColumn, now_ms: int) -> Cell:
    """Return what stands at a column's path, None for nothing or what is of another type."""
    found = [*at_path(body, column.path)]
    if column.type == "date":
        first = found[0] if found else None
        return since(first, now_ms) if isinstance(first, str) and _is_time(first) else UNKNOWN
    if not found:
        return None
    if column.type == "integer":
        is_number = isinstance(found[0], int) and not isinstance(found[0], bool)
        return found[0] if is_number else None
    return ",".join(_text(it) for it in found)


def _is_time(written: str) -> bool:
    try:
        return time_ms(written) is not None
    except ValueError:
        return False


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value)


def at_path(body: Any, path: str) -> Iterator[Any]:
    """Yield what stands at a JSONPath; nothing where it cannot be followed."""
    here, place = [body], 0
    while place < len(path):
        step = _STEP.match(path, place)
        if step is None:
            return
        place = step.end()
        here = [below for it in here for below in _below(it, step)]
    yield from (it for it in here if it is not None)


def _below(value: Any, step: re.Match[str]) -> Iterator[Any]:
    name = step["quoted"] or (step["name"] or "").replace("\\", "")
    if name:
        if isinstance(value, dict) and name in value:
            yield value[name]
    elif not isinstance(value, list):
        return
    elif step["index"] == "*":
        yield from value
    elif step["index"] is not None:
        yield from value[int(step["index"]) : int(step["index"]) + 1]
    else:
        yield from (it for it in value if [*at_path(it, f".{step['key']}")] == [step["value"]])
