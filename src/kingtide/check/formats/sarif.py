"""Findings as SARIF 2.1.0, which code hosts and editors read.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from kingtide.check.findings import Checked, Finding
from kingtide.check.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/"


def as_sarif(checked: Checked, rules: Sequence[Rule], version: str) -> str:
    """Return one run; waived findings are results that are suppressed."""
    ran = [rule for rule in rules if rule.code in checked.rules]
    index = {rule.code: number for number, rule in enumerate(ran)}
    results = [_result(it, index) for it in checked.findings]
    for it in checked.waived:
        suppression = {"kind": "external", "justification": it.by.waiver.reason}
        results.append({**_result(it.finding, index), "suppressions": [suppression]})
    driver = {"name": "kingtide", "version": version, "rules": [_rule(rule) for rule in ran]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why} Source: {rule.source}"},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(it: Finding, index: dict[str, int]) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(it.place.file)}}
    if it.place.line:
        physical["region"] = {"startLine": it.place.line, "startColumn": it.place.column}
    location: dict[str, Any] = {"physicalLocation": physical}
    if it.field:
        name = f"{it.about}: {it.field}" if it.about else it.field
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    return {
        "ruleId": it.code,
        "ruleIndex": index[it.code],
        "level": it.severity,
        "message": {"text": it.text},
        "locations": [location],
    }


def _uri(file: str) -> str:
    """Return a file's name as a URI reference (RFC 3986), absolute where the name is."""
    escaped = "".join(
        char if char in _UNRESERVED else "".join(f"%{byte:02X}" for byte in char.encode())
        for char in file
    )
    return f"file://{escaped}" if escaped.startswith("/") else escaped
