from __future__ import annotations

import pytest

from kingtide.check.rules.tools.catalogue import DEAD, DEAD_ALIASES, MOVED, move, successor
from kingtide.check.rules.tools.charts import RULES
from kingtide.check.rules.tools.fleet_tools import tool_yaml
from tests.unit.check.rules.tools.fleets import found


@pytest.mark.parametrize(
    ("version", "exact"),
    [
        ("3.8.0", True),
        ("v1.15.3", True),
        ("1.0.0-rc.1+build.5", True),
        ("'3.8'", False),
        ("^3.8.0", False),
        ("~3.8.0", False),
        ("3.8.x", False),
        ("'>=3.8.0'", False),
        ("latest", False),
        ("''", False),
    ],
)
def test_a_charts_version_is_one_exact_version(version: str, exact: bool) -> None:
    told = found(RULES, "KT501", {"a": tool_yaml("a", version=version)})
    assert bool(told) is not exact


@pytest.mark.parametrize("name", [*DEAD, *DEAD_ALIASES])
def test_a_dead_tool_is_told_with_its_successor_and_the_source(name: str) -> None:
    fate = successor(name, "https://example.com/charts")
    assert fate is not None
    (told,) = found(RULES, "KT502", {name: tool_yaml(name)})
    assert fate.source in told
    assert fate.source.startswith("https://")


@pytest.mark.parametrize(
    ("chart", "repository", "dead"),
    [
        pytest.param("logstash", "https://helm.elastic.co", True, id="archived charts"),
        pytest.param("eck-operator", "https://helm.elastic.co", False, id="their successor"),
        pytest.param("logstash", "https://charts.example.com", False, id="another's"),
        pytest.param("redis", "https://charts.helm.sh/stable", True, id="an archived repository"),
        pytest.param("py-kube-downscaler", "oci://ghcr.io/caas-team/charts", False, id="a fork"),
    ],
)
def test_where_a_chart_comes_from_counts(chart: str, repository: str, dead: bool) -> None:
    assert (successor(chart, repository) is not None) is dead


@pytest.mark.parametrize("chart", MOVED)
def test_a_chart_is_told_from_its_former_home_alone(chart: str) -> None:
    gone = MOVED[chart]
    for former in gone.former:
        assert move(chart, f"{former}/") is gone
    assert move(chart, gone.home) is None
    assert successor(chart, gone.home) is None
