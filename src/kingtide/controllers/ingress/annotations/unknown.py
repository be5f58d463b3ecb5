"""Annotations and values of the ConfigMap that nobody here reads: mistyped, or another's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from kingtide.controllers.ingress.annotations.declared import DECLARED, NOT_SUPPORTED
from kingtide.controllers.ingress.annotations.family import PREFIXES
from kingtide.controllers.ingress.annotations.reading import shown
from kingtide.controllers.ingress.told import Problem

OURS = ("haproxy.org/", "haproxy.com/")
"""Prefixes under which nobody else looks; ingress.kubernetes.io/ is others' as well."""
MAX_TOLD = 20
"""Of one Ingress."""
MAX_NAME = 63
"""Characters of an annotation's name, as the API holds it."""


def unknown(annotations: Mapping[str, str]) -> tuple[Problem, ...]:
    """Return what is told of annotations that have no effect where they stand."""
    found = []
    for key in annotations:
        prefix = next((it for it in OURS if key.startswith(it)), None)
        if prefix is None:
            continue
        name = key.removeprefix(prefix)
        message = _message(name)
        if message:
            place = f"metadata.annotations[{shown(name)[1:-1]}]"
            found.append(Problem("AnnotationUnknown", place, message))
    return tuple(found[:MAX_TOLD])


def unknown_values(values: Iterable[str]) -> tuple[Problem, ...]:
    """Return what is told of names in the ConfigMap that have no effect there."""
    found = []
    for name in values:
        message = _message(name, "values")
        bare = next((name.removeprefix(it) for it in PREFIXES if name.startswith(it)), "")
        if bare in DECLARED:
            message = f"names bear no prefix in the ConfigMap; write {bare}"
        if message:
            place = f"data[{shown(name)[1:-1]}] of the ConfigMap"
            found.append(Problem("AnnotationUnknown", place, message))
    return tuple(found[:MAX_TOLD])


def _message(name: str, on: str = "ingress") -> str:
    known = DECLARED.get(name)
    if known is not None:
        places = {"service": "a Service", "ingress": "an Ingress", "values": "the ConfigMap"}
        where = " or ".join(places[it] for it in known.on)
        return "" if on in known.on else f"it has an effect only on {where}"
    if name in NOT_SUPPORTED:
        return f"it is not supported: {NOT_SUPPORTED[name]}"
    near = get_close_matches(name[:MAX_NAME], DECLARED, 1)
    return f"nobody here knows it; did you mean {near[0]}?" if near else "nobody here knows it"
