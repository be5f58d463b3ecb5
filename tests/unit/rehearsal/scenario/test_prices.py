"""A scenario may say what instances cost."""

from __future__ import annotations

from pathlib import Path

from kingtide.rehearsal.building.world import build_world
from kingtide.twin.definition import PriceOverride
from tests.unit.rehearsal.scenario.reading import mistakes, read


def test_a_price_of_the_scenario_replaces_the_tables(tmp_path: Path) -> None:
    scenario = read(tmp_path, "cloud.prices={c5.4xlarge: {spot: 0.31, onDemand: 0.9}}")
    assert build_world(scenario).prices == (
        PriceOverride("c5.4xlarge", "on-demand", 900_000),
        PriceOverride("c5.4xlarge", "spot", 310_000),
    )


def test_a_price_of_an_unknown_type_or_in_another_unit_is_a_mistake(tmp_path: Path) -> None:
    (unknown,) = mistakes(tmp_path, "cloud.prices={c5.4xlage: {spot: 1}}")
    assert "there is no instance type 'c5.4xlage'; did you mean 'c5.4xlarge'?" in unknown
    (unit,) = mistakes(tmp_path, "cloud.prices={c5.4xlarge: {spot: 768000}}")
    assert "768000 is not within 0 and 1000 USD an hour" in unit
    (text,) = mistakes(tmp_path, "cloud.prices={c5.4xlarge: {onDemand: cheap}}")
    assert "'cheap' is not a price; write USD an hour, as 0.768" in text
