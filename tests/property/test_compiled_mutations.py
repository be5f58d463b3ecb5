"""A cluster with one field dropped, emptied or retyped compiles, or is told at its place."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.compile.compilation import compile_cluster
from kingtide.fleet.documents.mistakes import Mistake, Mistakes
from tests.unit.compile.fleets import WIDE, fleet_of

GONE = object()
VALUES: tuple[object, ...] = (
    GONE,
    None,
    "",
    "x",
    0,
    -1,
    3,
    True,
    [],
    {},
    ["x"],
    {"x": 1},
    "10%",
    10**12,
    "::",
    "é",
)


def paths(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where every value of a document stands, but not the document itself."""
    if not isinstance(node, dict | list):
        return
    for step, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*path, step)
        yield from paths(value, (*path, step))


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    found = copy.deepcopy(WIDE)
    at: Any = found
    for step in path[:-1]:
        at = at[step]
    if value is GONE:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return found


def mistakes_of(cluster: dict[str, Any]) -> tuple[Mistake, ...] | None:
    """Return what is wrong with a cluster, None where it compiles."""
    try:
        assert compile_cluster(fleet_of(cluster), "small").files()
    except Mistakes as error:
        return error.all
    return None


@given(path=st.sampled_from(sorted(paths(WIDE), key=str)), value=st.sampled_from(VALUES))
@settings(max_examples=200)
def test_a_changed_cluster_compiles_or_is_told_at_its_place(
    path: tuple[str | int, ...], value: object
) -> None:
    told = mistakes_of(changed(path, value))
    assert told is None or (told and all(it.place.line for it in told))
