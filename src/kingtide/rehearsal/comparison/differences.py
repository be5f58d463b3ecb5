"""In which fields a scenario differs from the one that all scenarios of a comparison extend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from kingtide.fleet.documents.tree import Map, Node, Path, Plain, node_at, path_text, plain
from kingtide.rehearsal.scenario.layers import read_layers

# What is only for readers, or only asserts: it changes no event of the run.
_WITHOUT_EFFECT: tuple[Path, ...] = (
    ("metadata",),
    ("spec", "notes"),
    ("spec", "expect"),
    ("spec", "seed"),
)


def differences(scenario: FilePath, base: FilePath) -> tuple[str, ...]:
    """Return `field: value` for each field that a scenario sets otherwise, sorted by field.

    Raises:
        Mistakes: one of both files cannot be read.
    """
    return tuple(sorted(_differing(read_layers(base), read_layers(scenario), ())))


def _differing(base: Node, node: Node, path: Path) -> Iterator[str]:
    if path in _WITHOUT_EFFECT or plain(base) == plain(node):
        return
    if not (isinstance(base, Map) and isinstance(node, Map)):
        yield f"{_field(path)}: {value_text(plain(node))}"
        return
    for key in dict.fromkeys((*base.entries, *node.entries)):
        below = (*path, key)
        before, after = node_at(base, (key,)), node_at(node, (key,))
        if after is None:
            yield f"{_field(below)}: left out"
        elif before is None:
            if below not in _WITHOUT_EFFECT:
                yield f"{_field(below)}: {value_text(plain(after))}"
        else:
            yield from _differing(before, after, below)


def _field(path: Path) -> str:
    return path_text(path[1:] if path[:1] == ("spec",) else path)


def value_text(value: Plain) -> str:
    """Return a value in YAML's short form, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {value_text(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(value_text(item) for item in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
