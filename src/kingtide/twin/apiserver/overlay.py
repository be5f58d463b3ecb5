"""What was written through the API and the twin does not model: kept beside the value, returned.

`unmodelled(written, known)` takes from a written body all that the model's own body says too;
`merged(known, overlay)` lays the rest over the body of a later value. What the model knows is its
own word always, so that an overlay never grows old.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

MERGE_KEYS = ("name", "type", "containerPort", "mountPath", "key", "uid", "ip", "port")
"""What tells elements of the API's lists apart, as their patchMergeKey says."""


class Fields(msgspec.Struct, frozen=True):
    """Of an object: what its fields say beyond the model."""

    fields: Mapping[str, Overlay]


class Elements(msgspec.Struct, frozen=True):
    """Of a list whose elements are told apart by `key`: what the model leaves out.

    `more` is what its elements say beyond it, `others` are elements that it leaves out whole.
    """

    key: str
    more: Mapping[Any, Overlay]
    others: tuple[Any, ...] = ()


class Plain(msgspec.Struct, frozen=True):
    """A value of which the model says nothing."""

    value: Any


class Instead(msgspec.Struct, frozen=True):
    """A value in the place of a default, which is all that the model ever says of a field."""

    value: Any


Overlay = Fields | Elements | Plain | Instead

_ENCODER = msgspec.json.Encoder(order="sorted")

_DEFAULTS = {
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "preemptionPolicy": "PreemptLowerPriority",
}
"""What bodies say of fields that their values know nothing of: of these the writer's word counts.

Of a pod's preemptionPolicy the value knows, and says what was written.
"""


def part(overlay: Overlay | None, *path: str) -> Overlay | None:
    """Return what an overlay says of a field (`spec`, `template`), None for nothing."""
    for name in path:
        overlay = overlay.fields.get(name) if isinstance(overlay, Fields) else None
    return overlay


def within(overlay: Overlay | None, *path: str) -> Overlay | None:
    """Return an overlay that says of a field what this one says of a whole."""
    for name in reversed(path):
        overlay = None if overlay is None else Fields({name: overlay})
    return overlay


def digest(overlay: Overlay | None) -> str:
    """Return a text that stands for an overlay: empty for None, another for each other one."""
    if overlay is None:
        return ""
    return blake2b(_ENCODER.encode(overlay), digest_size=8).hexdigest()


def unmodelled(written: Any, known: Any) -> Overlay | None:
    """Return what `written` says and `known` does not, None for nothing."""
    if written == known:
        return None
    if isinstance(written, dict) and isinstance(known, dict):
        found: dict[str, Overlay] = {}
        for name, value in written.items():
            if name in known and known[name] == _DEFAULTS.get(name, ...) != value:
                found[name] = Instead(value)
                continue
            rest = unmodelled(value, known[name]) if name in known else Plain(value)
            if rest is not None:
                found[name] = rest
        return Fields(found) if found else None
    if isinstance(written, list) and isinstance(known, list):
        return _unmodelled_elements(written, known)
    # Two words on one field: the model's counts.
    return None


def _unmodelled_elements(written: list[Any], known: list[Any]) -> Elements | None:
    key = _merge_key(written, known)
    if key is None:
        return None
    by_key = {it[key]: it for it in known}
    more: dict[Any, Overlay] = {}
    others: list[Any] = []
    for it in written:
        if it[key] not in by_key:
            others.append(it)
            continue
        rest = unmodelled(it, by_key[it[key]])
        if rest is not None:
            more[it[key]] = rest
    return Elements(key, more, tuple(others)) if more or others else None


def _merge_key(*lists: list[Any]) -> str | None:
    """Return the field that tells the elements of all lists apart, None where there is none."""
    for key in MERGE_KEYS:
        if all(_told_apart(it, key) for it in lists):
            return key
    return None


def _told_apart(elements: list[Any], key: str) -> bool:
    if not all(isinstance(it, dict) and isinstance(it.get(key), (str, int)) for it in elements):
        return False
    return len({it[key] for it in elements}) == len(elements)


def merged(known: Any, overlay: Overlay | None) -> Any:
    """Return the model's word with what it does not know laid over; `known` is not changed."""
    if overlay is None:
        return known
    if isinstance(overlay, Plain):
        return known if known is not None else overlay.value
    if isinstance(overlay, Instead):
        return overlay.value
    if isinstance(overlay, Fields):
        return _merged_fields(known, overlay)
    return _merged_elements(known, overlay)


def _merged_fields(known: Any, overlay: Fields) -> Any:
    if known is not None and not isinstance(known, dict):
        return known
    result = dict(known or {})
    for name, rest in overlay.fields.items():
        result[name] = merged(result.get(name), rest)
    return result


def _merged_elements(known: Any, overlay: Elements) -> Any:
    if not isinstance(known, list) or not _told_apart(known, overlay.key):
        return known
    found = [merged(it, overlay.more.get(it[overlay.key])) for it in known]
    there = {it[overlay.key] for it in known}
    return [*found, *(it for it in overlay.others if it[overlay.key] not in there)]
