"""What reviews of files came to: located findings and diffs, or JSON for another program."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from kingtide.check.admission import Reviewed
from kingtide.compile.yaml_text import yaml_text
from kingtide.controllers.admission.verdict import Told, shown


def review_lines(reviewed: Sequence[Reviewed]) -> Iterator[str]:
    """Yield a line a finding, the diff of what is changed, and the count at the end."""
    for it in reviewed:
        for word, told in (("refused", it.verdict.refusals), ("warning", it.verdict.warnings)):
            for each in told:
                place = it.place(each)
                where = f"{place.file}:{place.line}:{place.column}"
                yield f"{where}: {word}: {it.manifest.key}: {each.sentence}"
        if it.verdict.allowed and it.verdict.changes:
            yield from _diff(it)
    yield _summary(reviewed)


def encode_reviews(reviewed: Sequence[Reviewed]) -> bytes:
    """Return reviews as JSON: a list with an object for each, `changes` as a JSON patch."""
    found = [
        {
            "file": it.manifest.place.file,
            "line": it.manifest.place.line,
            "kind": it.manifest.kind,
            "namespace": it.manifest.namespace,
            "name": it.manifest.name,
            "allowed": it.verdict.allowed,
            "changes": [
                {"rule": change.rule, **msgspec.to_builtins(change.operation)}
                for change in it.verdict.changes
            ],
            "refusals": [_told(it, each) for each in it.verdict.refusals],
            "warnings": [_told(it, each) for each in it.verdict.warnings],
        }
        for it in reviewed
    ]
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


def _told(reviewed: Reviewed, told: Told) -> dict[str, Any]:
    place = reviewed.place(told)
    return {
        "rule": told.rule,
        "code": told.code,
        "path": shown(told.path),
        "line": place.line,
        "column": place.column,
        "wrong": told.wrong,
        "instead": told.instead,
    }


def _diff(reviewed: Reviewed) -> Iterator[str]:
    name = f"{reviewed.manifest.place.file} {reviewed.manifest.key}"
    before, after = (yaml_text(it).splitlines() for it in (reviewed.before, reviewed.after))
    yield from difflib.unified_diff(before, after, name, f"{name} as admitted", lineterm="", n=2)


def _summary(reviewed: Sequence[Reviewed]) -> str:
    refused = sum(not it.verdict.allowed for it in reviewed)
    changed = sum(it.verdict.allowed and bool(it.verdict.changes) for it in reviewed)
    what = "1 object" if len(reviewed) == 1 else f"{len(reviewed)} objects"
    return f"{what}: {refused} refused, {changed} changed"
