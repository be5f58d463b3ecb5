"""The tables of docs/concepts/invariants.md, from the catalogues themselves."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.twin.faults.catalogue import KINDS
from kingtide.twin.invariants.catalogue import INVARIANTS
from kingtide.twin.invariants.sometimes import SOMETIMES


def invariants() -> str:
    """Return every invariant with its rule."""
    return _table(("invariant", "rule"), ((it.name, it.rule) for it in INVARIANTS))


def conditions() -> str:
    """Return every condition that game days must reach."""
    return _table(("condition", "reached when"), ((it.name, it.sentence) for it in SOMETIMES))


def faults() -> str:
    """Return every kind of fault."""
    return _table(("fault", "what goes wrong"), ((it.name, it.summary) for it in KINDS))


def _table(heading: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {heading[0]} | {heading[1]} |", "|---|---|"]
    lines += [f"| `{name}` | {text} |" for name, text in rows]
    return "\n".join(lines)
