"""Previews: whole weeks of workloads, with what they save."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kingtide.controllers.downscaling.dialect import Dialect
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.kube.resources import Resources
from kingtide.rehearsal.scenario.read import Options, read_scenario
from kingtide.rehearsal.timetable.days import days_of, start_of_day
from kingtide.rehearsal.timetable.from_fleet import fleet_plans
from kingtide.rehearsal.timetable.from_scenario import scenario_plan
from kingtide.rehearsal.timetable.manifests import read_manifests
from kingtide.rehearsal.timetable.preview import NOT_SELECTED, preview
from kingtide.rehearsal.timetable.previewed import Preview, Row
from kingtide.rehearsal.timetable.savings import PodPrices

EXAMPLE = Path(__file__).parents[4] / "examples" / "staging-nights"
HOUR_MS = 3_600_000


def of_example(*settings: str, days: int = 7) -> Preview:
    scenario = read_scenario(EXAMPLE / "timetable.yaml", Options(settings=settings))
    return preview(*scenario_plan(scenario, None, days))


def row(found: Preview, name: str, kind: str = "Deployment") -> Row:
    (one,) = (it for it in found.rows if (it.kind, it.name) == (kind, name))
    return one


def days(one: Row, found: Preview) -> list[tuple[str, ...]]:
    spans = days_of(one.stretches, found.from_ms, found.until_ms, found.timezone)
    return [day.up for day in spans]


def test_a_week_of_a_scenario_by_the_clocks_of_its_zone() -> None:
    found = of_example()
    shop = row(found, "shop")
    assert days(shop, found) == [("08:00-19:00",)] * 5 + [(), ()]
    # Clocks are set forward on the Sunday: the week has an hour less.
    assert shop.down_ms == (7 * 24 - 1 - 5 * 11) * HOUR_MS
    assert (shop.pods_up, shop.pods_down) == (30, 0)
    assert shop.saved_pod_ms == 30 * shop.down_ms


def test_a_workloads_own_hours_run_past_midnight() -> None:
    found = of_example()
    assert days(row(found, "data-platform"), found) == [
        ("09:00-24:00",),
        *[("00:00-01:00", "09:00-24:00")] * 4,
        ("00:00-01:00",),
        (),
    ]


def test_what_is_not_looked_at_says_so_and_saves_nothing() -> None:
    found = of_example()
    metrics = row(found, "metrics")
    assert (metrics.note, metrics.stretches, metrics.saved_micro_usd) == (NOT_SELECTED, (), None)


def test_a_holiday_is_a_day_down() -> None:
    found = of_example("policies.downscaling.holidays=2026-03-25")
    assert days(row(found, "shop"), found)[1:4] == [("08:00-19:00",), (), ("08:00-19:00",)]


def test_a_cron_job_has_hours_and_no_pods_of_its_own() -> None:
    screenshots = row(of_example(), "screenshots", "CronJob")
    assert screenshots.down_ms > 0
    assert (screenshots.pods_up, screenshots.saved_micro_usd) == (None, None)


def test_savings_are_pods_times_hours_times_their_share_of_a_node() -> None:
    prices = (
        "cloud.prices={c5.2xlarge: {spot: 0.8}, c5d.2xlarge: {spot: 0.8}, c6i.2xlarge: {spot: 0.8},"
        " m5.2xlarge: {spot: 0.8}, m5a.2xlarge: {spot: 0.8}, m5d.2xlarge: {spot: 0.8},"
        " m6i.2xlarge: {spot: 0.8}}"
    )
    payments = row(of_example(prices), "payments")
    # Half a core of eight, at 0.8 USD an hour.
    assert payments.saved_micro_usd == 24 * 112 * 50_000


def test_memory_counts_where_it_is_the_larger_share() -> None:
    scenario = read_scenario(EXAMPLE / "timetable.yaml")
    types = {
        (name, "spot"): 800_000 for group in scenario.groups for name in group.group.instance_types
    }
    prices = PodPrices(scenario.groups, None, types)  # type: ignore[arg-type]  # one market
    small = prices.micro_usd_per_hour(Resources(1_000, 1 << 30), "workers")
    large = prices.micro_usd_per_hour(Resources(1_000, 16 << 30), "workers")
    assert small is not None
    assert small < 110_000
    assert large is not None
    assert large > 2 * small
    assert prices.micro_usd_per_hour(Resources(0, 0), "workers") is None
    assert prices.micro_usd_per_hour(Resources(1_000, 0), "nowhere") is None


def test_a_scenario_without_a_timetable_is_told_what_to_write() -> None:
    scenario = read_scenario(EXAMPLE / "always-on.yaml")
    with pytest.raises(Mistakes, match=r"downscaling does not run.*; write policies.downscaling"):
        scenario_plan(scenario, None, 7)


def test_manifests_of_a_fleet(tmp_path: Path) -> None:
    files = (EXAMPLE / "manifests" / "nightly.yaml",)
    ((plan, prices),) = fleet_plans(EXAMPLE / "fleet", None, files, "2026-03-23", 2)
    found = preview(plan, prices)
    assert days(row(found, "loadtest"), found) == [
        ("20:00-24:00",),
        ("00:00-06:00", "20:00-24:00"),
    ]
    website = row(found, "website")
    # Excluded until the 24th, 00:00 UTC, which is 01:00 there; one pod stays.
    assert days(website, found) == [("00:00-24:00",), ("00:00-01:00", "08:00-19:00")]
    assert (website.pods_up, website.pods_down) == (4, 1)
    assert website.saved_micro_usd is not None
    assert website.saved_micro_usd > 0


def test_a_fleet_without_such_a_cluster_is_told() -> None:
    with pytest.raises(Mistakes, match="has no cluster 'stagin'; did you mean"):
        fleet_plans(EXAMPLE / "fleet", "stagin", (), "2026-03-23", 1)


def test_mistakes_in_manifests_have_the_lines_of_the_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text(
        "kind: ConfigMap\nmetadata: {name: a}\n---\n# none\n---\nkind: Deployment\nmetadata:\n"
        "  name: web\n  annotations:\n    downscaler/uptime: Mon-Fri 25:00-26:00 UTC\n"
        "spec: {replicas: three}\n"
    )
    with pytest.raises(Mistakes) as caught:
        read_manifests((file, tmp_path / "none.yaml"), Dialect())
    told = str(caught.value).splitlines()
    assert told[0].startswith(f"{file}:6:1: is no Deployment: Expected `int | null`")
    assert told[1].startswith(f"{file}:10:24: metadata.annotations.downscaler/uptime: 'Mon-Fri 25")
    assert told[2].endswith("none.yaml: does not exist; name an existing file")


OBJECT = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2}}"


def names_in(file: Path, text: str) -> list[str]:
    file.write_bytes(text.encode())
    return [one.it.name for one in read_manifests((file,), Dialect()).workloads]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"kind: List\nitems: [{OBJECT}]\n", id="as kubectl get -o yaml writes it"),
        pytest.param(f"kind: DeploymentList\nitems:\n- {OBJECT}\n", id="as the API writes it"),
        pytest.param(f"kind: List\nitems: [{{kind: List, items: [{OBJECT}]}}]", id="twice"),
        pytest.param(f"kind: ConfigMap\r\n---\r\n{OBJECT}\r\n", id="with lines of Windows"),
        pytest.param(f"# nothing\n---\n---\n{OBJECT}\n---\n# nothing\n", id="among comments"),
    ],
)
def test_workloads_are_found_in(tmp_path: Path, text: str) -> None:
    assert names_in(tmp_path / "all.yaml", text) == ["web"]


def test_a_mistake_in_a_list_stands_where_its_object_does(tmp_path: Path) -> None:
    text = f"kind: List\nitems:\n- {OBJECT}\n- kind: Deployment\n  metadata: {{}}\n"
    with pytest.raises(Mistakes, match=r"all\.yaml:4:3: is no Deployment: .* `name`"):
        names_in(tmp_path / "all.yaml", text)


@pytest.mark.parametrize("text", ["", "kind: ConfigMap\n", "kind: List\nitems: []\n"])
def test_files_without_workloads_are_told_instead_of_an_empty_table(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(Mistakes, match=r"all\.yaml: has no workload .*Deployment, StatefulSet"):
        names_in(tmp_path / "all.yaml", text)


@pytest.mark.parametrize("text", ["just words\n", "- 1\n- 2\n", "kind: List\nitems: [1]\n"])
def test_what_is_no_object_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(Mistakes, match="is no Kubernetes object; write"):
        names_in(tmp_path / "all.yaml", f"{OBJECT}\n---\n{text}")


def test_a_day_begins_where_its_clocks_do() -> None:
    assert start_of_day("2026-03-23", "Europe/Paris") == 1_774_220_400_000


def test_a_file_of_many_documents_is_read_to_its_end_and_told_by_its_lines(tmp_path: Path) -> None:
    text = f"---\n{OBJECT}\n" * 500 + "# " + "a" * 2_000_000 + "\n---\nkind: [\n"
    file = tmp_path / "all.yaml"
    with pytest.raises(Mistakes, match=rf"^{re.escape(str(file))}:1004:"):
        names_in(file, text)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    with pytest.raises(Mistakes, match="is larger than 20,000,000 bytes; split the file"):
        names_in(file, "#" * 20_000_001)
