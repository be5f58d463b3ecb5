"""Reads parts of objects that may be anything: what is of another type is as if it were not there.

The API server refuses such objects itself; until then nobody may stumble over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kingtide.controllers.admission.verdict import Path
from kingtide.kube.patching.json_pointer import Json

NOTHING: Mapping[str, Json] = {}


def fields(value: Json) -> Mapping[str, Json]:
    """Return an object's fields, none of what is no object."""
    return value if isinstance(value, dict) else NOTHING


def items(value: Json) -> Sequence[Json]:
    """Return a list's items, none of what is no list."""
    return value if isinstance(value, list) else ()


def text(value: Json) -> str:
    """Return a text, an empty one of what is none."""
    return value if isinstance(value, str) else ""


def below(value: Json, *names: str) -> Json:
    """Return what stands below names, None where there is nothing."""
    for name in names:
        value = fields(value).get(name)
    return value


def is_odd(value: Json, kind: type) -> bool:
    """Whether something stands where another type of value belongs: nothing may be added to it."""
    return value is not None and not isinstance(value, kind)


def numbered(value: Json, path: Path) -> Sequence[tuple[Path, Mapping[str, Json]]]:
    """Return the objects of a list, each with its path."""
    return [((*path, it), each) for it, each in enumerate(items(value)) if isinstance(each, dict)]
