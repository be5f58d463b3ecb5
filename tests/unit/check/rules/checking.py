"""Run the rules over the good fleet with something else in it."""

from __future__ import annotations

from kingtide.check.findings import Finding
from kingtide.check.registry import RULES
from kingtide.check.rule import Example
from kingtide.check.run import check_fleet
from tests.unit.check.example_fleet import example_view


def found(code: str, spec: str = "", **files: str) -> list[Finding]:
    """Return what a rule finds; files by path with `__` for `/`, without ending."""
    named = {path.replace("__", "/") + ".yaml": text for path, text in files.items()}
    view = example_view(Example(spec=spec, files=named))
    return [it for it in check_fleet(view, RULES, "2026-11-22").findings if it.code == code]


def told(code: str, spec: str = "", **files: str) -> list[str]:
    """Return what a rule says is wrong."""
    return [it.wrong for it in found(code, spec, **files)]
