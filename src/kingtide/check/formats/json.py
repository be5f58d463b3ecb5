"""Findings for other programs."""

from __future__ import annotations

from typing import Any

import msgspec

from kingtide.check.findings import Checked, Finding


def as_json(checked: Checked) -> str:
    """Return everything found and waived as one JSON document; its fields are only added to."""
    document = {
        "clusters": checked.clusters,
        "unsound": checked.unsound,
        "rules": checked.rules,
        "errors": checked.errors,
        "warnings": checked.warnings,
        "findings": [_finding(it) for it in checked.findings],
        "waived": [
            {
                **_finding(it.finding),
                "waiver": {
                    "reason": it.by.waiver.reason,
                    "until": it.by.waiver.until,
                    "file": it.by.place.file,
                    "line": it.by.place.line,
                    "column": it.by.place.column,
                },
            }
            for it in checked.waived
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _finding(it: Finding) -> dict[str, Any]:
    return {
        "code": it.code,
        "severity": it.severity,
        "title": it.title,
        "file": it.place.file,
        "line": it.place.line,
        "column": it.place.column,
        "object": it.about,
        "field": it.field,
        "wrong": it.wrong,
        "instead": it.instead,
        "clusters": it.clusters,
    }
