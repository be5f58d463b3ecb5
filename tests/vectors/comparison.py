"""Compares an answer with an expectation and says where they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

Path = tuple[str | int, ...]


class Leniency(msgspec.Struct, frozen=True):
    """What a claim does not compare literally.

    Patterns are dotted paths below `expected`; `*` stands for any one key or list index
    (`conditions.*.message`).
    """

    unordered: Sequence[str] = ()
    """Lists whose order means nothing."""
    waived: Mapping[str, str] = {}
    """Keys that are not compared, each with the reason."""
    partial: Sequence[str] = ()
    """Mappings of which the file asks for some keys only."""


def differences(
    expected: Mapping[str, Any], answer: Mapping[str, Any], leniency: Leniency, at: Path = ()
) -> Iterator[str]:
    """Every difference between what a file expects and what was answered, one line each.

    Each key of `expected` must be answered. The answer's own top level may hold more keys than
    the file asks for; below it, mappings and lists must agree entirely.
    """
    for key, value in expected.items():
        path = (*at, key)
        if _matches(path, leniency.waived):
            continue
        if key not in answer:
            yield f"{_show(path)}: the file expects {_json(value)}, nobody reads this key"
        else:
            yield from _value(value, answer[key], leniency, path)


def _value(expected: Any, answer: Any, leniency: Leniency, path: Path) -> Iterator[str]:
    if _matches(path, leniency.waived):
        return
    if isinstance(expected, Mapping) and isinstance(answer, Mapping):
        yield from differences(expected, answer, leniency, path)
        if _matches(path, leniency.partial):
            return
        for key in answer:
            if key not in expected and not _matches((*path, key), leniency.waived):
                yield f"{_show((*path, key))}: not in the file, answered {_json(answer[key])}"
    elif _is_list(expected) and _is_list(answer):
        yield from _list(list(expected), list(answer), leniency, path)
    elif not _same(expected, answer):
        yield f"{_show(path)}: the file expects {_json(expected)}, answered {_json(answer)}"


def _list(expected: list[Any], answer: list[Any], leniency: Leniency, path: Path) -> Iterator[str]:
    if _matches(path, leniency.unordered):
        expected, answer = sorted(expected, key=_json), sorted(answer, key=_json)
    if len(expected) != len(answer):
        yield f"{_show(path)}: the file expects {_json(expected)}, answered {_json(answer)}"
        return
    for index, (left, right) in enumerate(zip(expected, answer, strict=True)):
        yield from _value(left, right, leniency, (*path, index))


def _same(expected: Any, answer: Any) -> bool:
    # JSON keeps true and 1 apart, Python's == does not.
    if isinstance(expected, bool) or isinstance(answer, bool):
        return expected is answer
    return bool(expected == answer)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _matches(path: Path, patterns: Sequence[str] | Mapping[str, str]) -> bool:
    return any(_matches_one(path, pattern.split(".")) for pattern in patterns)


def _matches_one(path: Path, pattern: list[str]) -> bool:
    if len(path) != len(pattern):
        return False
    return all(part in ("*", str(segment)) for segment, part in zip(path, pattern, strict=True))


def _show(path: Path) -> str:
    shown = "expected"
    for segment in path:
        shown += f"[{segment}]" if isinstance(segment, int) else f".{segment}"
    return shown


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr, ensure_ascii=False)
