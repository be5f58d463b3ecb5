"""Turn a tree into a model, or into every mistake it holds, each at its place."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kingtide.fleet.documents.known_fields import model_at
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.nearest import did_you_mean, nearest
from kingtide.fleet.documents.tree import (
    Node,
    Path,
    Step,
    node_at,
    place_of,
    plain,
    renamed,
    without,
)

M = TypeVar("M", bound=BaseModel)

# Each round takes away at least one faulty value, and what is left wrong lies one level higher; our
# deepest field stands nine levels down.
MAX_ROUNDS = 12


class Reading:
    """What was wrong and was left out to be able to go on."""

    def __init__(self) -> None:
        self.left_out: list[Path] = []

    def touches(self, *paths: Path) -> bool:
        """Return whether a value at, above or below one of the paths was left out.

        What a rule says of such values follows from the mistake and is not worth a second word.
        """
        return any(
            gone[: len(path)] == path[: len(gone)] for gone in self.left_out for path in paths
        )


def read(model: type[M], node: Node, findings: Findings, at: Path = ()) -> tuple[M | None, Reading]:
    """Return the model of a tree with what was left out of it, noting every mistake.

    A tree with mistakes is read again without its faulty values, so that rules over several fields
    see the rest and their mistakes are told in the same run. A misspelt key is read as the absent
    one that it most likely means. None: nothing usable was left. `at` stands before the paths of
    messages.
    """
    reading = Reading()
    node = _spelt(model, node, findings, at)
    for _ in range(MAX_ROUNDS):
        try:
            return model.model_validate(plain(node)), reading
        except ValidationError as error:
            faulty = [_note(model, node, e, findings, at, reading) for e in error.errors()]
        if () in faulty:
            return None, reading
        # From the end, so that the positions of earlier items of a list stay what they are.
        for path in sorted(set(faulty), key=_order, reverse=True):
            node = without(node, path)
    return None, reading


def _spelt(model: type[BaseModel], node: Node, findings: Findings, at: Path) -> Node:
    """Return the tree with misspelt keys renamed to the absent ones they mean, each noted."""
    try:
        model.model_validate(plain(node))
    except ValidationError as error:
        unknown = [_existing(node, d["loc"]) for d in error.errors() if _is_unknown(d)]
        for path in unknown:
            meant = nearest(str(path[-1]), _keys(model_at(model, path[:-1])))
            if meant is None or node_at(node, (*path[:-1], meant)) is not None:
                continue
            advice = f"did you mean {meant!r}?"
            findings.add(
                place_of(node, path, key=True),
                (*at, *path),
                "unknown field",
                advice,
                "unknown field",
            )
            node = renamed(node, path, meant)
    return node


def _is_unknown(details: ErrorDetails) -> bool:
    return details["type"] == "extra_forbidden"


def _order(path: Path) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def _note(
    model: type[BaseModel],
    node: Node,
    details: ErrorDetails,
    findings: Findings,
    at: Path,
    reading: Reading,
) -> Path:
    """Note one error, unless it follows from a value left out before.

    Return what to leave out next.
    """
    kind = details["type"]
    path = _existing(node, details["loc"])
    if kind == "missing":
        name = str(details["loc"][-1])
        follows = any(
            gone[: len(path)] == path and len(gone) > len(path) for gone in reading.left_out
        )
        if isinstance(details["loc"][-1], int):
            if not follows:
                findings.add(
                    place_of(node, path),
                    (*at, *path),
                    "has too few items",
                    "add the rest",
                    "missing",
                )
        elif (*path, name) not in reading.left_out:
            findings.add(
                place_of(node, path), (*at, *path, name), "is missing", f"add `{name}:`", "missing"
            )
        reading.left_out.append(path)
        return path
    if _is_unknown(details):
        name = str(path[-1])
        known = model_at(model, path[:-1])
        advice = did_you_mean(name, _keys(known), what="fields")
        findings.add(
            place_of(node, path, key=True), (*at, *path), "unknown field", advice, "unknown field"
        )
        return path
    wrong, instead = _message(details)
    findings.add(place_of(node, path), (*at, *path), wrong, instead)
    gone = _with_its_pair(path)
    reading.left_out.append(gone)
    return gone


def _with_its_pair(path: Path) -> Path:
    """Return what goes with a faulty value: the whole of `[20:99, 4]`, where it is a part of that.

    Lists within lists are pairs whose places have meanings of their own: without its first, the
    second would be read as the first, and a mistake told that nobody made.
    """
    is_of_pair = len(path) > 1 and isinstance(path[-1], int) and isinstance(path[-2], int)
    return path[:-1] if is_of_pair else path


def _existing(node: Node, location: tuple[int | str, ...]) -> Path:
    """Return the part of pydantic's location that exists in the tree."""
    path: tuple[Step, ...] = ()
    for step in location:
        if node_at(node, (*path, step)) is not None:
            path = (*path, step)
    return path


def _keys(model: type[BaseModel] | None) -> list[str]:
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _message(details: ErrorDetails) -> tuple[str, str]:
    """Return what is wrong and what to write, in our words."""
    kind, value = details["type"], details["input"]
    context: dict[str, Any] = details.get("ctx", {})
    match kind:
        case "value_error":
            wrong, _, instead = str(context["error"]).partition("; ")
            return wrong, instead
        case "literal_error":
            options = [
                part.strip("'") for part in context["expected"].replace(" or ", ", ").split(", ")
            ]
            if len(options) == 1:
                return (
                    f"{_told(value)} stands where {options[0]} is expected",
                    f"write {options[0]}",
                )
            if isinstance(value, str):
                return f"{value!r} is none of {', '.join(options)}", did_you_mean(value, options)
            return (
                f"{_told(value)} is none of {', '.join(options)}",
                f"write one of {', '.join(options)}",
            )
        case "string_type":
            if isinstance(value, dict | list) or value is None:
                return f"{_told(value)} stands where text is expected", "write a single value"
            return f"{_told(value)} is not text", f'write it in quotes: "{value}"'
        case "model_type" | "dict_type" | "model_attributes_type":
            return (
                f"{_told(value)} stands where a map is expected",
                "write keys and values below it",
            )
        case "list_type" | "tuple_type":
            return f"{_told(value)} stands where a list is expected", "write it as [a, b, ...]"
        case "too_short" | "too_long" if "min_length" in context or "max_length" in context:
            wanted = context.get("min_length", context.get("max_length"))
            return f"has {context['actual_length']} items", f"write {wanted}"
    return details["msg"], ""


def _told(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    return repr(value)
