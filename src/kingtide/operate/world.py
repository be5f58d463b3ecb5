"""Whether the clusters are still what a plan was made for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kingtide.compile.document import Document
from kingtide.compile.plan.differences import differences
from kingtide.fleet.documents.tree import path_text
from kingtide.operate.as_written import as_written

MAX_TOLD = 20
"""Differences that are told of one cluster: enough to see what happened."""


class Comparison(msgspec.Struct, frozen=True):
    """What has moved, which refuses a plan, and what else is there, which a plan takes away."""

    moved: tuple[str, ...] = ()
    also_there: tuple[str, ...] = ()


def compare_world(
    before: Sequence[Document], after: Sequence[Document], live: Sequence[Document] | None
) -> Comparison:
    """Return how a cluster in the state store differs from what a plan begins with.

    `after` are documents that may stand there already, for runs that are resumed; empty for others.
    kops adds fields of its own, so only what the plan knows is held against the store.
    """
    if live is None:
        gone = ("the state store has no such cluster",) if before else ()
        return Comparison(gone)
    if not before and not after:
        return Comparison(("the state store has this cluster already",))
    there = {_key(it): it for it in live}
    old = {_key(it): it for it in before}
    new = {_key(it): it for it in after}
    moved: list[str] = []
    also: list[str] = []
    for key, document in old.items():
        if key not in there:
            # In a resumed run a group may be deleted already.
            if not new or key in new:
                moved.append(f"{_shown(document)} is not in the state store")
            continue
        wrong = list(_wrong(document, there[key]))
        if wrong and not (key in new and not list(_wrong(new[key], there[key]))):
            moved += wrong
        also += _more(document, there[key])
    for key, document in there.items():
        if key not in old and key not in new:
            moved.append(f"{_shown(document)} is in the state store, and the plan knows no such")
    return Comparison(_bounded(moved), _bounded(also))


def _key(document: Document) -> tuple[str, str]:
    return (document.kind, document.name)


def _wrong(expected: Document, live: Document) -> Iterator[str]:
    """Yield the fields in which the store differs from what is expected there."""
    stored = as_written(expected.body, live.body)
    for it in differences(expected.body, stored, to_leaves=True):
        if it.before is not None and it.path[0] not in ("apiVersion", "status"):
            found = "not there" if it.after is None else it.after
            yield f"{_shown(expected)} {path_text(it.path)}: {found} instead of {it.before}"


def _more(expected: Document, live: Document) -> Iterator[str]:
    """Yield fields of the spec that only the store has."""
    for it in differences(expected.body, live.body, to_leaves=True):
        if it.before is None and it.path[0] == "spec":
            yield f"{_shown(expected)} {path_text(it.path)}: {it.after}"


def _shown(document: Document) -> str:
    return f"{document.kind} {document.name}"


def _bounded(lines: Iterable[str]) -> tuple[str, ...]:
    found = tuple(lines)
    if len(found) <= MAX_TOLD:
        return found
    return (*found[:MAX_TOLD], f"... and {len(found) - MAX_TOLD} more")
