"""Findings for people: a line a finding, then how many there are."""

from __future__ import annotations

from kingtide.check.findings import Checked, Finding
from kingtide.fleet.documents.tree import Place

MAX_TOLD = 500
"""Nobody reads more at once; the rest is counted, and JSON has all."""


def as_text(checked: Checked, *, waived: bool) -> str:
    """Return everything found, with the waived findings where these are asked for."""
    lines = [_line(it) for it in checked.findings[:MAX_TOLD]]
    if len(checked.findings) > MAX_TOLD:
        lines.append(f"... and {len(checked.findings) - MAX_TOLD} more")
    if waived:
        for it in checked.waived:
            waiver = it.by.waiver
            lines.append(
                f"waived until {waiver.until} ({waiver.reason}), {_located(it.by.place)}:"
                f" {_line(it.finding)}"
            )
    return "".join(f"{line}\n" for line in [*lines, *_summary(checked)])


def _summary(checked: Checked) -> list[str]:
    found = [_counted(checked.errors, "error"), _counted(checked.warnings, "warning")]
    if checked.waived:
        found.append(f"{len(checked.waived)} waived")
    where = f"{_counted(len(checked.clusters), 'cluster')}, {_counted(len(checked.rules), 'check')}"
    lines = [f"{', '.join(found)} ({where})"]
    if checked.unsound:
        names = ", ".join(checked.unsound)
        lines.append(f"not checked further until their mistakes are mended: {names}")
    if checked.findings:
        code = checked.findings[0].code
        lines.append(f"`kingtide check --explain {code}` tells why, with an example")
    return lines


def _line(it: Finding) -> str:
    clusters = f" [{', '.join(it.clusters)}]" if it.clusters else ""
    return f"{_located(it.place)}: {it.severity} {it.code}: {it.text}{clusters}"


def _located(place: Place) -> str:
    return f"{place.file}:{place.line}:{place.column}" if place.line else place.file


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
