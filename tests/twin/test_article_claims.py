"""What the article claims, held qualitatively: the figures themselves stand in fidelity.md."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec
import pytest

from kingtide.rehearsal.comparison.plan import Plan
from kingtide.rehearsal.comparison.read import Choice, read_comparison
from kingtide.rehearsal.prepare import Prepared, prepare
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.run import Run
from kingtide.rehearsal.scenario.read import Options

ARTICLE = Path(__file__).parents[2] / "examples" / "article"
SEEDS = (1, 2, 3)
VARIANTS = ("timeout", "placeholders", "activities")
NEVER = float("inf")


@lru_cache(maxsize=64)
def record(scenario: str, seed: int, variant: str = "timeout") -> RunRecord:
    setting = f"policies.nodeAutoscaling.capacityFailureDetection={variant}"
    prepared = prepare(ARTICLE / f"{scenario}.yaml", Options(settings=(setting,)))
    definition = msgspec.structs.replace(prepared.definition, seed=seed)
    return Run(Prepared(prepared.scenario, definition)).record()


def figure(scenario: str, name: str, seed: int, variant: str = "timeout") -> float:
    value = record(scenario, seed, variant).figures[name].value
    return NEVER if value is None else value


def series(scenario: str, name: str, seed: int) -> Mapping[int, float]:
    found = record(scenario, seed)
    return dict(zip(found.times_ms, found.series[name].values, strict=True))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_comparison(ARTICLE / "comparison.yaml")


def test_the_comparison_has_no_mistakes_and_names_every_scenario(plan: Plan) -> None:
    named = {path.name for path in plan.scenarios} | {
        row.name.split("-")[0] + "-worldcup98.yaml" for row in plan.skipped
    }
    assert named == {path.name for path in ARTICLE.glob("[0-9]*.yaml")}
    assert all(plan.differences.values())
    assert tuple(plan.variants) == VARIANTS


def test_judged_latencies_are_tried_and_sourced_ones_are_not(plan: Plan) -> None:
    names = {one.name for one in plan.tries}
    assert {"node.boot", "app.api.readyAfter", "metrics.window", "demand"} <= names
    assert not {"metrics.scrape_interval", "workloads.create_pod", "cloud.launch"} & names


def test_a_row_whose_data_may_not_be_copied_is_skipped_where_it_is_absent(tmp_path: Path) -> None:
    shutil.copytree(ARTICLE, tmp_path / "article")
    comparison = tmp_path / "article" / "comparison.yaml"
    rows = ("10-unavailable", "10-unserved", "1-ready")
    plan = read_comparison(comparison, Choice(rows=rows))
    assert {row.name for row in plan.skipped} == {"10-unavailable", "10-unserved"}
    assert all("is not on this machine" in row.reason for row in plan.skipped)


@pytest.mark.parametrize("seed", SEEDS)
def test_pods_are_ready_much_sooner_with_overprovisioning(seed: int) -> None:
    name = "ready.api.p90_seconds"
    without = figure("01-no-overprovisioning", name, seed)
    with_room = figure("02-overprovisioning", name, seed)
    assert 3 * with_room < without


@pytest.mark.parametrize("seed", SEEDS)
def test_without_overprovisioning_a_node_takes_minutes_but_not_more_than_four(seed: int) -> None:
    assert 120 <= figure("01-no-overprovisioning", "node_wait.max_seconds", seed) <= 240


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_peak_adds_a_hundred_pods_at_once_that_are_ready_within_a_minute(
    seed: int,
) -> None:
    assert 90 <= figure("03a-two-peaks", "unavailable.app.api.max_pods", seed) <= 150
    assert figure("03a-two-peaks", "unavailable.app.api.max_seconds", seed) <= 60


@pytest.mark.parametrize("seed", SEEDS)
def test_what_lacks_capacity_is_found_out_sooner_by_placeholders_and_at_once_by_activities(
    seed: int,
) -> None:
    waits = [figure("04-spot-empty", "node_wait.max_seconds", seed, v) for v in VARIANTS]
    assert waits == sorted(waits, reverse=True)
    assert waits[2] < 240 < waits[1] < 600 < waits[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_timeout_shorter_than_the_back_off_reaches_on_demand_after_one_try_of_each_group(
    seed: int,
) -> None:
    shorter = figure("04b-shorter-timeout", "node_wait.max_seconds", seed)
    equal = figure("04-spot-empty", "node_wait.max_seconds", seed)
    # Twice 4.5 minutes and a node; four times 5 minutes and a node.
    assert 540 < shorter < 540 + 240
    assert 1_200 < equal < 1_200 + 300


@pytest.mark.parametrize("seed", SEEDS)
def test_of_twelve_empty_groups_one_is_always_out_of_its_back_off_by_timeout(seed: int) -> None:
    name = "node_wait.max_seconds"
    assert figure("05b-dozen-groups-none-left", name, seed) == NEVER
    assert figure("05b-dozen-groups-none-left", name, seed, "activities") < 600


@pytest.mark.parametrize("seed", SEEDS)
def test_a_heavy_night_falls_on_low_priority_pods_and_on_one_application(seed: int) -> None:
    night = record("06a-heavy-night", seed).figures
    assert (night["unavailable.low.max_pods"].value or 0) >= 200
    assert night["unavailable.app.background.max_pods"].value == 0
    assert (night["unavailable.app.api.max_seconds"].value or 0) < (
        night["unavailable.low.max_seconds"].value or 0
    )


def test_a_heavy_night_is_longer_when_a_spot_group_is_empty() -> None:
    name = "unavailable.low.max_seconds"
    longer = [figure("06b-heavy-night-one-group-empty", name, seed) for seed in SEEDS]
    shorter = [figure("06a-heavy-night", name, seed) for seed in SEEDS]
    # The group is drawn at every scale-up, so a night may get away with it, but not three.
    assert sum(longer) > sum(shorter)
    assert all(one >= other for one, other in zip(longer, shorter, strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_thirty_minutes_of_stabilisation_keep_pods_through_an_outage_and_five_do_not(
    seed: int,
) -> None:
    kept = series("07a-front-outage-30min", "app.api.replicas", seed)
    assert set(kept.values()) == {240}
    assert figure("07a-front-outage-30min", "unserved.api.core_seconds", seed) == 0
    lost = series("07b-front-outage-5min", "app.api.replicas", seed)
    assert min(lost.values()) < 120
    assert figure("07b-front-outage-5min", "unserved.api.core_seconds", seed) > 1_000


@pytest.mark.parametrize("seed", SEEDS)
def test_on_demand_nodes_stay_after_a_peak_when_nothing_drains_them(seed: int) -> None:
    most = figure("09-on-demand-stays", "nodes.max.on_demand", seed)
    end = figure("09-on-demand-stays", "nodes.end.on_demand", seed)
    assert most > 0
    assert most / 2 <= end


@pytest.mark.parametrize("seed", SEEDS)
def test_thirty_percent_of_spot_taken_back_leaves_demand_its_pods_only_where_notices_are_read(
    seed: int,
) -> None:
    for name, most in (("api", 15), ("site", 60)):
        figure_name = f"below_demand.{name}.max_seconds"
        assert figure("12a-reclaim", figure_name, seed, "activities") <= most
        assert figure("12b-reclaim-unhandled", figure_name, seed, "activities") > 30
    assert figure("12b-reclaim-unhandled", "unserved.api.core_seconds", seed, "activities") > 1_000


@pytest.mark.parametrize("seed", SEEDS)
def test_on_demand_nodes_are_gone_at_two_and_a_half_hours_and_demand_notices_nothing(
    seed: int,
) -> None:
    back, stay = "13-on-demand-goes-back", "09-on-demand-stays"
    assert figure(back, "nodes.max.on_demand", seed, "activities") > 0
    assert figure(back, "nodes.end.on_demand", seed, "activities") == 0
    assert figure(back, "on_demand.oldest_seconds", seed, "activities") <= 9_000
    assert figure(stay, "on_demand.oldest_seconds", seed, "activities") > 9_000
    for name in ("unserved.api.core_seconds", "below_demand.api.max_seconds"):
        with_reclaim, without = (figure(it, name, seed, "activities") for it in (back, stay))
        assert with_reclaim <= without


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_times_the_demand_in_two_minutes_is_served_with_prescaling_and_not_without(
    seed: int,
) -> None:
    unserved, cost = "unserved.api.core_seconds", "cost.total_usd"
    prescaled, reacting = "15b-tenfold-prescaled", "15a-tenfold"
    assert figure(prescaled, unserved, seed, "activities") == 0
    assert figure(reacting, unserved, seed, "activities") > 1_000
    dearer = figure(prescaled, cost, seed, "activities") / figure(
        reacting, cost, seed, "activities"
    )
    assert dearer <= 1.1
