from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.aws.autoscaling import CapacityPool
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.scenario.local_time import clock_text
from kingtide.rehearsal.scenario.read import Options, read_scenario
from kingtide.twin.latencies import DEFAULT_LATENCIES
from tests.small_rehearsal import SCENARIO, with_lines, write_small
from tests.unit.rehearsal.scenario.reading import mistakes, read


def test_a_scenario_is_read_with_all_it_names(tmp_path: Path) -> None:
    scenario = read(tmp_path)
    assert (scenario.name, scenario.seed) == ("small", 7)
    clock = scenario.clock
    assert clock_text(clock.start_ms, clock.timezone) == "20:00:00"
    assert (clock.end_ms - clock.start_ms, clock.warm_up_ms) == (1_200_000, 120_000)
    assert [
        (clock_text(p.at_ms, clock.timezone), p.millicores) for p in scenario.demands["web"]
    ] == [
        ("20:00:00", 4000),
        ("20:10:00", 20_000),
        ("20:20:00", 6000),
    ]
    assert scenario.initial_nodes == {
        "spot-nodes-workers-4x": 2,
        "on-demand-workers-4x": 0,
        "on-demand-api-2x": 1,
    }
    assert scenario.latencies["node.boot"].points == ((0, 20_000), (100, 20_000))


def test_an_outage_covers_the_pools_that_the_cluster_uses(tmp_path: Path) -> None:
    (outage,) = read(tmp_path).outages
    types = ("c5.2xlarge", "c5.4xlarge", "m5.2xlarge", "m5.4xlarge")
    assert outage.pools == tuple(
        CapacityPool(name, f"eu-west-1{zone}", "spot") for name in types for zone in "ab"
    )
    assert clock_text(outage.from_ms, "Europe/Paris") == "20:15:00"


def test_an_outage_may_name_families_and_zones(tmp_path: Path) -> None:
    (outage,) = read(
        tmp_path, "cloud.outages=[{lifecycle: any, types: [c5.*], zones: [a]}]"
    ).outages
    assert [str(pool) for pool in outage.pools] == [
        "c5.2xlarge:eu-west-1a:spot",
        "c5.4xlarge:eu-west-1a:spot",
        "c5.2xlarge:eu-west-1a:on-demand",
        "c5.4xlarge:eu-west-1a:on-demand",
    ]
    assert (outage.from_ms, outage.until_ms) == (read(tmp_path).clock.start_ms - 120_000, None)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        pytest.param("2020-10-07 20:40", "20:41", 1, id="the same evening"),
        pytest.param("2020-10-07 20:40", "08:40", 720, id="half a day over midnight"),
        pytest.param("2020-10-07 00:10", "20:10", 1200, id="a long day without midnight"),
        pytest.param("2020-10-07 20:40", "2020-10-08 20:10", 1410, id="a day, with its date"),
    ],
)
def test_an_end_without_a_date_is_the_next_one(
    tmp_path: Path, start: str, end: str, minutes: int
) -> None:
    scenario = with_lines(SCENARIO, ("2020-10-07 20:00", start), ("duration: 20m", f'end: "{end}"'))
    demand = "applications.web.demand={formula: {base: 4}}"
    clock = read(tmp_path, "cloud.outages=[]", demand, scenario=scenario).clock
    assert clock.end_ms - clock.start_ms == minutes * 60_000


@pytest.mark.parametrize("end", ["20:10", "08:41"])
def test_an_end_before_the_start_is_not_taken_for_the_next_day(tmp_path: Path, end: str) -> None:
    scenario = with_lines(
        SCENARIO, ("2020-10-07 20:00", "2020-10-07 20:40"), ("duration: 20m", f'end: "{end}"')
    )
    assert mistakes(tmp_path, scenario=scenario) == [
        (
            f"rehearsal.yaml:9:8: spec.end: the end {end} is before the start 2020-10-07 20:40;"
            f" write a later time, or a date if meant: `end: 2020-10-08 {end}`"
        )
    ]


@pytest.mark.parametrize(
    ("until", "wrong"),
    [
        ("21:30", "21:30 is not between the start 2020-10-07 20:00 and the end"),
        ("20:00", "20:00 is not between"),
        ("soon", "'soon' is not a time"),
    ],
)
def test_until_must_be_within_the_rehearsal(tmp_path: Path, until: str, wrong: str) -> None:
    (found,) = mistakes(tmp_path, options=Options(until=until))
    assert found.startswith(f"--until: {wrong}")


def test_until_ends_the_rehearsal_earlier(tmp_path: Path) -> None:
    scenario = read_scenario(write_small(tmp_path), Options(until="20:05"))
    assert scenario.clock.end_ms - scenario.clock.start_ms == 300_000


def test_a_seed_of_the_command_line_wins(tmp_path: Path) -> None:
    assert read_scenario(write_small(tmp_path), Options(seed=3)).seed == 3
    assert mistakes(tmp_path, options=Options(seed=-1)) == [
        "--seed: -1 is negative; write 0 or more"
    ]


def test_scenarios_share_a_file_of_latencies_and_scale_single_ones(tmp_path: Path) -> None:
    path = write_small(tmp_path)
    (tmp_path / "latencies.yaml").write_text(
        "apiVersion: fleet.kingtide.dev/v1alpha1\nkind: Latencies\nmetadata: {name: slow}\n"
        "spec:\n  node.boot: 99s\n"
        "  cloud.launch: {points: [[0, 1s], [100, 3s]], source: measured}\n"
    )
    settings = (
        "latenciesFrom=" + str(tmp_path / "latencies.yaml"),
        "latencies.node.register={scale: 2}",
    )
    scenario = read_scenario(path, Options(settings=settings))
    assert scenario.latencies["node.boot"].points[0] == (0, 20_000)
    assert scenario.latencies["cloud.launch"].source == "measured"
    default = DEFAULT_LATENCIES["node.register"]
    assert scenario.latencies["node.register"].points == default.scaled(200).points


def test_a_mistake_in_the_file_of_latencies_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "latencies.yaml").write_text(
        "apiVersion: fleet.kingtide.dev/v1alpha1\nkind: Latencies\nmetadata: {name: slow}\n"
        "spec:\n  node.boott: 99s\n  cloud.launch: {points: [[0, 3s], [100, 1s]]}\n"
    )
    scenario = with_lines(SCENARIO, ("seed: 7", "latenciesFrom: latencies.yaml"))
    found = mistakes(tmp_path, scenario=scenario)
    assert found[0] == (
        'latencies.yaml:5:3: spec."node.boott": there is no such latency;'
        " did you mean 'node.boot'?"
    )
    assert found[1].startswith('latencies.yaml:6:17: spec."cloud.launch": the point at 100 percent')


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("latencies.metrics.scrape_interval=0s", "is shorter than 1 s; write 1s or more"),
        ("step=1s", None),
        ("duration=900h", "is more than 31 days after the start; write a shorter rehearsal"),
        ("warmUp=25h", "is more than a day; write for example 10m"),
        ("applications.web.demand.scale=1000000", "makes 4,000,000 cores, more than a million"),
        ("applications.web.demand.scale=1e9", "is more than a million; write less"),
        ("applications.web.hpa.max=200000", "is more than 150,000; write fewer"),
        (
            (
                "applications.web.demand={formula: {base: 900000, end: 900000, daily: {low: 0,"
                " high: 900000, highest: '20:10'}}}"
            ),
            "makes more than a million cores; write less, or a smaller scale",
        ),
        (
            "applications.overprovisioning-workers={requests: {cpu: 1}}",
            "is the name of the pause pods of workers; name it otherwise",
        ),
        (
            "applications.web.hpa.behavior={scaleDown: {stabilizationWindowSeconds: 3601}}",
            "3601 is more than Kubernetes takes; write 3600 or less",
        ),
    ],
)
def test_everything_has_a_bound(tmp_path: Path, setting: str, expected: str | None) -> None:
    if expected is None:
        assert read(tmp_path, setting).clock.start_ms
    else:
        assert expected in mistakes(tmp_path, setting)[0]


def test_too_many_values_of_a_series_are_a_mistake(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, "duration=700h", "step=1s")
    assert found.endswith("spec.step: makes 2,520,000 values a series; write a longer step")


def test_changes_to_the_cluster_are_checked_as_its_file_is(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        "clusterSpec.nodeGroups.workers.spot.sizes.4x.min=30",
        "clusterSpec.overprovisioning.workers.ladder=[[0, 1]]",
    )
    assert found == [
        (
            "--set clusterSpec.nodeGroups.workers.spot.sizes.4x.min=30:"
            " spec.nodeGroups.workers.spot.sizes.4x.min: min 30 is above max 20;"
            " write 20 or less, or raise max"
        )
    ]


def test_a_base_lies_below_the_scenario_that_extends_it(tmp_path: Path) -> None:
    base = write_small(tmp_path)
    (tmp_path / "more").mkdir()
    path = tmp_path / "more" / "b.yaml"
    path.write_text(
        "extends: ../rehearsal.yaml\nmetadata: {name: more}\nspec:\n"
        "  applications: {worker: null, web: {hpa: {max: 99}}}\n"
    )
    scenario = read_scenario(path)
    assert scenario.name == "more"
    assert list(scenario.spec.applications) == ["web"]
    hpa = scenario.spec.applications["web"].hpa
    assert hpa is not None
    assert (hpa.min, hpa.max) == (6, 99)
    assert len(scenario.demands["web"]) == len(read_scenario(base).demands["web"])


def test_a_null_in_changes_to_the_cluster_removes_what_the_cluster_has(tmp_path: Path) -> None:
    write_small(tmp_path)
    (tmp_path / "b.yaml").write_text(
        "extends: rehearsal.yaml\nspec: {clusterSpec: {overprovisioning: {workers: null}}}\n"
    )
    assert read_scenario(tmp_path / "b.yaml").cluster.spec.overprovisioning == {}
    (tmp_path / "c.yaml").write_text(
        "extends: b.yaml\nspec: {clusterSpec: {hpa: {downscaleStabilization: null}}}\n"
    )
    cluster = read_scenario(tmp_path / "c.yaml").cluster.spec
    assert cluster.overprovisioning == {}
    assert cluster.hpa is not None
    assert cluster.hpa.downscale_stabilization_seconds is None


def test_scenarios_that_extend_each_other_in_a_circle_are_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n")
    with pytest.raises(Mistakes, match=r"b\.yaml:1:10: extends: extends itself"):
        read_scenario(tmp_path / "a.yaml")


def test_a_missing_base_is_told_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: none.yaml\n")
    with pytest.raises(Mistakes, match=r"a\.yaml:1:10: .*none\.yaml does not exist"):
        read_scenario(tmp_path / "a.yaml")
