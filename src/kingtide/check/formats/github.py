"""Findings as annotations of a change on GitHub, which a workflow's log shows beside the lines.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from kingtide.check.findings import Checked, Finding


def as_github(checked: Checked) -> str:
    """Return a workflow command a finding; GitHub shows ten of each severity a step."""
    return "".join(f"{_command(it)}\n" for it in checked.findings)


def _command(it: Finding) -> str:
    properties = {"file": it.place.file}
    if it.place.line:
        properties |= {"line": str(it.place.line), "col": str(it.place.column)}
    properties["title"] = f"{it.code} {it.title}"
    told = ",".join(f"{key}={_escaped_property(value)}" for key, value in properties.items())
    return f"::{it.severity} {told}::{_escaped(it.text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
