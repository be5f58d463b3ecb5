"""What a rule finds in the good fleet's cluster with some manifests."""

from __future__ import annotations

from kingtide.check.rule import Rule
from kingtide.check.rules.workloads.example import applied
from tests.unit.check.example_fleet import example_view


def found(rules: tuple[Rule, ...], code: str, *objects: str, spec: str = "") -> list[str]:
    """Return what one of some rules finds, each as `field: what is wrong`."""
    rule = next(it for it in rules if it.code == code)
    assert rule.check is not None
    view = example_view(applied(*objects, spec=spec))
    assert view.mistakes == ()
    return [f"{it.field}: {it.wrong}" for it in rule.check(view)]
