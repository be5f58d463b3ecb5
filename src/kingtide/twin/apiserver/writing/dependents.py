"""What goes with its owner, or stays: objects that name another one in their ownerReferences.

What the twin's own controllers own they remove themselves; here is everything else: what others
made for an object of theirs, and what is kept as it was written. Source:
https://kubernetes.io/docs/concepts/architecture/garbage-collection/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.overlay import Fields

_OWN_NOTHING = ("Pod", "Event", "Lease")
"""Kinds that are many and own nothing: nobody is looked for that goes with them."""
_OWNED_BY_NOBODY = ("Event", "Lease")
"""Kinds that are many, short-lived and never owned: not looked through when an owner goes."""


class Dependents:
    """Finds what an object owns."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def of(self, owner: Entry) -> Iterator[tuple[Entry, list[Any]]]:
        """Yield what names an object as its owner, each with its references to others."""
        if owner.resource.kind in _OWN_NOTHING:
            return
        for resource in [*self._objects.resources]:
            if resource.kind in _OWNED_BY_NOBODY:
                continue
            for entry in self._objects.table(resource).ordered():
                if not _may_be_owned(entry, owner.uid):
                    continue
                references = entry.body()["metadata"].get("ownerReferences") or []
                others = [it for it in references if it.get("uid") != owner.uid]
                if len(others) < len(references):
                    yield entry, others


def _may_be_owned(entry: Entry, uid: str) -> bool:
    """Return whether it is worth to make an object's body and look for its owners."""
    if entry.value is None:
        return True
    owner = getattr(entry.value, "owner", None)
    if owner is not None and owner.uid == uid:
        return True
    overlay = entry.overlay
    metadata = overlay.fields.get("metadata") if isinstance(overlay, Fields) else None
    return isinstance(metadata, Fields) and "ownerReferences" in metadata.fields
