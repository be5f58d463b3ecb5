from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.rehearsal.figures import catalogue
from kingtide.rehearsal.prepare import prepare_all
from kingtide.rehearsal.record import Figure, Unit
from kingtide.rehearsal.scenario.read import Options
from kingtide.report.table_matrices import (
    APPLICATIONS,
    CLASSES,
    INSTANCES,
    MATRICES,
    filled,
    joined_names,
    more_is_worse,
    place_of,
    unplaced,
)
from tests.small_rehearsal import write_small


@pytest.mark.parametrize(
    ("key", "unit", "place"),
    [
        ("unavailable.high.max_pods", "pods", ("Priority class", "high")),
        ("unavailable.a.b/c.max_pods", "pods", ("Priority class", "a.b/c")),
        ("unavailable.app.web.max_pods", "pods", ("Application", "web")),
        ("unavailable.app.max_pods", "pods", ("Priority class", "app")),
        ("pending.high.max_seconds", "seconds", ("Priority class", "high")),
        ("ready.web.p50_seconds", "seconds", ("Application", "web")),
        ("nodes.max.on_demand", "nodes", ("Cluster", "on_demand")),
        ("cost.on_demand_usd", "usd", ("Cluster", "on_demand")),
        ("cost.total_usd", "usd", ("Cluster", "total")),
        ("cpu.reserved_not_used.mean_percent", "percent", ("Cluster", "total")),
        ("containers.killed.web", "count", ("Application", "web")),
        ("containers.killed", "count", None),
        ("nodes.starved", "count", None),
        ("cpu.reserved_not_used.web.mean_percent", "percent", ("Application", "web")),
        ("ready.web.p50_seconds", "pods", None),
        ("ready..p50_seconds", "seconds", None),
        ("ready.web.p99_seconds", "seconds", None),
        ("node_wait.max_seconds", "seconds", None),
        ("events", "count", None),
    ],
    ids=str,
)
def test_a_name_says_which_table_and_row_it_is_of(
    key: str, unit: Unit, place: tuple[str, str] | None
) -> None:
    found = place_of(key, unit)
    assert (found and (found[0].title, found[2])) == place


def test_no_figure_of_a_real_run_is_left_for_the_list_of_others(tmp_path: Path) -> None:
    settings = (
        "contention={}",
        "applications.web.memoryUse={base: 512Mi}",
        "cloud.accounts={video: {launches: []}}",
        "cloud.crossZoneTraffic={gigabytesPerCoreSecond: 0.001}",
    )
    (prepared,) = prepare_all((write_small(tmp_path),), Options(settings=settings))
    specs = catalogue(prepared.definition)
    figures = {spec.name: Figure(1.0, spec.unit, spec.title) for spec in specs}
    assert unplaced(figures)[1] == ()
    assert "spot.reclaimed_by.video" in unplaced(figures)[0]
    shown = [
        key for matrix in filled(figures) for row in matrix.rows.values() for key in row.values()
    ]
    assert sorted([*shown, *unplaced(figures)[0]]) == sorted(figures)


def test_tables_stand_in_their_order_and_rows_as_their_figures_come() -> None:
    figures = {
        "nodes.max.spot": Figure(1.0, "nodes", ""),
        "pending.low.max_seconds": Figure(1.0, "seconds", ""),
        "pending.high.max_seconds": Figure(1.0, "seconds", ""),
    }
    found = filled(figures)
    assert [(one.matrix.title, list(one.rows)) for one in found] == [
        ("Priority class", ["low", "high"]),
        ("Cluster", ["spot"]),
    ]


def test_no_two_columns_of_all_tables_have_one_name() -> None:
    names = [column.name for matrix in MATRICES for column in matrix.columns]
    assert len(names) == len({*names})


def test_names_that_differ_in_one_part_are_told_together() -> None:
    assert joined_names(CLASSES.columns) == (
        "unavailable.<priority>.{max_pods,max_seconds,total_pod_seconds}",
        "pending.<priority>.max_seconds",
    )
    assert joined_names(INSTANCES.columns) == (
        "nodes.{min,max,end}.<lifecycle>",
        "{node_hours,instance_hours}.<lifecycle>",
        "<lifecycle>.oldest_seconds",
        "cost.<lifecycle>_usd",
        "cpu.reserved_not_used.{mean_percent,max_percent}",
    )
    assert joined_names(APPLICATIONS.columns[:1]) == ("hpa.<application>.max_replicas",)
    assert joined_names(()) == ()


@pytest.mark.parametrize(
    ("key", "unit", "worse"),
    [
        ("unavailable.high.max_pods", "pods", True),
        ("cost.total_usd", "usd", True),
        ("node_wait.max_seconds", "seconds", True),
        ("node_autoscaling.failed_requests", "count", True),
        ("node_autoscaling.scale_ups", "count", False),
        ("nodes.max.spot", "nodes", False),
        ("hpa.web.max_replicas", "pods", False),
        ("weather.rain", "count", False),
    ],
    ids=str,
)
def test_more_is_worse_only_of_what_is_known_to_be(key: str, unit: Unit, worse: bool) -> None:
    assert more_is_worse(key, unit) == worse
