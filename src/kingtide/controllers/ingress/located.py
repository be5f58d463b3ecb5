"""Where a file says what a report tells of."""

from __future__ import annotations

import re

from kingtide.controllers.ingress.annotations.family import PREFIXES
from kingtide.fleet.documents.tree import Path, Place, Step, place_of
from kingtide.fleet.manifests import Manifest

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]")
_ANNOTATION = re.compile(r"metadata\.annotations\[(.+)\]")


def path_of(text: str) -> Path:
    """Return the path of `.spec.rules[0]`, as far as its steps have names and numbers."""
    steps: list[Step] = []
    end = 0
    while (found := _STEP.match(text, end)) is not None:
        name, number = found.groups()
        steps.append(name if number is None else int(number))
        end = found.end()
    return tuple(steps)


def located(it: Manifest, place: str) -> Place:
    """Return where an object's file has the place of a `Problem`, or what is nearest above it."""
    annotation = _ANNOTATION.fullmatch(place)
    if " of " in place:  # it stands on another object, which this one leads to
        return place_of(it.node, ())
    if annotation is None:
        return place_of(it.node, path_of(f".{place}"))
    written = it.annotations
    names = [f"{prefix}{annotation[1]}" for prefix in PREFIXES]
    key = next((name for name in names if name in written), annotation[1])
    return place_of(it.node, ("metadata", "annotations", key))
