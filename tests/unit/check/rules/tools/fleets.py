"""What a rule finds in a fleet with some tools."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.check.rule import Example, Rule
from tests.unit.check.example_fleet import example_view


def found(
    rules: tuple[Rule, ...],
    code: str,
    tools: Mapping[str, str],
    *,
    files: Mapping[str, str] | None = None,
    spec: str = "",
) -> list[str]:
    """Return what one of some rules finds, each as `file field: what is wrong`."""
    rule = next(it for it in rules if it.code == code)
    assert rule.check is not None
    texts = {f"tools/{name}/tool.yaml": text for name, text in tools.items()}
    view = example_view(Example(spec=spec, files={**texts, **(files or {})}))
    assert view.mistakes == ()
    return [f"{it.place.file} {it.field}: {it.wrong}" for it in rule.check(view)]
