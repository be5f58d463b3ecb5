from __future__ import annotations

import pytest

from kingtide.check.rules.tools.fleet_tools import tool_yaml
from tests.unit.check.rules.checking import found

TOOL = {"tools__cluster-autoscaler__tool": tool_yaml("cluster-autoscaler", version="9.59.0")}


@pytest.mark.parametrize(
    ("settings", "fields"),
    [
        pytest.param("launchPatience: 25s", ["launchPatience"], id="of our own"),
        pytest.param("pools: {probeInitial: 1m}", ["pools.probeInitial"], id="in a group"),
        pytest.param("capacityFailureDetection: timeout", ["capacityFailureDetection"], id="other"),
        pytest.param("capacityFailureDetection: placeholders", [], id="what it does of itself"),
        pytest.param("launchPatience: 0s", [], id="none"),
        pytest.param("scaleDown: {unneededTime: 5m}", [], id="with a flag"),
    ],
)
def test_a_setting_that_the_chart_leaves_out_is_told(settings: str, fields: list[str]) -> None:
    spec = f"autoscaler: {{{settings}}}"
    told = found("KT510", spec, **TOOL)
    assert [it.field for it in told] == [f"spec.autoscaler.{it}" for it in fields]
    assert found("KT510", spec) == []
