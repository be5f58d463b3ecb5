from __future__ import annotations

import pytest

from kingtide.check.rules.tools.fleet_tools import tool_yaml
from kingtide.check.rules.tools.needs import RULES
from tests.unit.check.example_fleet import API
from tests.unit.check.rules.tools.fleets import found


def tools(**needs: str) -> dict[str, str]:
    return {name: tool_yaml(name, more=f"needs: [{needed}]") for name, needed in needs.items()}


@pytest.mark.parametrize(
    ("needs", "circle"),
    [
        pytest.param(tools(a="b", b="c", c=""), None, id="a chain"),
        pytest.param(tools(a="a"), "a needs a", id="itself"),
        pytest.param(tools(a="b", b="a"), "a needs b needs a", id="two"),
        pytest.param(tools(a="c, b", b="d", c="", d="a"), "a needs b needs d needs a", id="three"),
        pytest.param(tools(a="b", b="c", c="b"), "b needs c needs b", id="behind a third"),
        pytest.param(tools(a="b, c", b="d", c="d", d=""), None, id="two ways"),
    ],
)
def test_a_circle_of_needs_is_told_once(needs: dict[str, str], circle: str | None) -> None:
    told = found(RULES, "KT505", needs)
    assert len(told) == (circle is not None)
    assert circle is None or f"waits for itself: {circle}" in told[0]


def test_what_is_needed_runs_where_it_is_needed() -> None:
    labelled = f"{API}\nkind: Cluster\nmetadata: {{name: second, labels: {{env: dev}}}}\n"
    files = {"clusters/second.yaml": f"{labelled}spec: {{class: base}}\n"}
    needing = tools(a="b")
    placed = tool_yaml("b", more="placement: {matchLabels: {env: dev}}")
    (told,) = found(RULES, "KT504", {**needing, "b": placed}, files=files)
    assert "b does not run on prod, where this tool needs it" in told
    assert found(RULES, "KT504", {**needing, "b": tool_yaml("b")}, files=files) == []
