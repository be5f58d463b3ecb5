from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.validation import Reading
from kingtide.rehearsal.figures import catalogue
from kingtide.rehearsal.prepare import prepare, prepare_all
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.outline import outlined_units
from tests.small_rehearsal import BASE, FLEET, SCENARIO, with_lines, write_small


def test_every_figure_has_one_name_and_a_title(tmp_path: Path) -> None:
    specs = catalogue(prepare(write_small(tmp_path)).definition)
    names = [spec.name for spec in specs]
    assert len(set(names)) == len(names)
    assert all(spec.title for spec in specs)
    assert {
        "unavailable.high.max_seconds",
        "unavailable.app.web.max_pods",
        "ready.web.p90_seconds",
        "pending.low.max_seconds",
        "node_wait.max_seconds",
        "unserved.web.core_seconds",
        "nodes.max.on_demand",
        "cost.total_usd",
        "cpu.reserved_not_used.mean_percent",
        "hpa.web.max_replicas",
        "node_autoscaling.failed_requests",
        "scheduling.preemptions",
    } <= set(names)


def test_only_applications_with_an_hpa_have_its_figures(tmp_path: Path) -> None:
    names = [spec.name for spec in catalogue(prepare(write_small(tmp_path)).definition)]
    assert not [name for name in names if name.startswith("hpa.worker")]
    assert not [name for name in names if name.startswith("unserved.worker")]


def test_an_expectation_of_a_figure_that_does_not_exist_is_told_before_anything_runs(
    tmp_path: Path,
) -> None:
    changed = with_lines(SCENARIO, ("pending.high.max_seconds", "pending.hgh.max_seconds"))
    with pytest.raises(Mistakes) as caught:
        prepare(write_small(tmp_path, scenario=changed))
    assert str(caught.value).endswith(
        "rehearsal.yaml:35:12: spec.expect[0]: there is no figure 'pending.hgh.max_seconds';"
        " did you mean 'pending.high.max_seconds'?"
    )


def test_scenarios_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    path = write_small(tmp_path)
    other = tmp_path / "other.yaml"
    other.write_text("extends: rehearsal.yaml\nspec: {seed: 8}\n")
    with pytest.raises(Mistakes) as caught:
        prepare_all([path, other])
    assert str(caught.value).endswith(
        "metadata.name: other.yaml and rehearsal.yaml are both called 'small';"
        " give each its own name"
    )


def test_expectations_are_told_beside_mistakes_that_leave_no_world(tmp_path: Path) -> None:
    expected = '["pending.hgh.max_seconds <= 10min", "nodes.max.spot <= 90 cores",'
    expected += ' "hpa.worker.rescales < 3", "unserved.web.core_seconds < 3", "cost ~ 3"]'
    changed = with_lines(
        SCENARIO,
        ("min: 6, max: 60", "min: 61, max: 60"),
        ("priorityClass: low", "priorityClass: lowly"),
        ('["pending.high.max_seconds <= 10min"]', expected),
    )
    demand = "time,cores\n20:00:00,4\n20:10:00,-3\n"
    fleet = with_lines(FLEET, ("dnsZone", "dnsZon"))
    base = with_lines(BASE, ("min: 1, max: 20", "min: 30, max: 20"))
    types = "- c5.4xl\n"
    path = write_small(
        tmp_path, scenario=changed, demand=demand, fleet=fleet, base=base, types=types
    )
    with pytest.raises(Mistakes) as caught:
        prepare(path)
    found = [str(mistake).replace(f"{tmp_path}/", "") for mistake in caught.value.all]
    assert [line.partition(" ")[0] for line in found] == [
        "demand.csv:3:10:",
        "fleet/classes/base.yaml:10:53:",
        "fleet/fleet.yaml:4:8:",
        "fleet/snippets/instance-types/4x-cpu16.yaml:1:3:",
        "rehearsal.yaml:22:18:",
        "rehearsal.yaml:26:22:",
        "rehearsal.yaml:35:12:",
        "rehearsal.yaml:35:48:",
        "rehearsal.yaml:35:78:",
        "rehearsal.yaml:35:138:",
    ]
    assert "nodes.max.spot is in nodes, not in cores" in found[7]
    assert "there is no figure 'hpa.worker.rescales'" in found[8]


def test_a_faulty_application_may_have_any_figure(tmp_path: Path) -> None:
    changed = with_lines(
        SCENARIO,
        ("hpa: {min: 6, max: 60}", "hpaa: {min: 6, max: 60}"),
        ("pending.high.max_seconds <= 10min", "hpa.web.rescales < 3"),
    )
    with pytest.raises(Mistakes) as caught:
        prepare(write_small(tmp_path, scenario=changed))
    (mistake,) = caught.value.all
    assert mistake.field == "spec.applications.web.hpaa"


@pytest.mark.parametrize("usage", ["usage: 1500m", "usage: 0"])
def test_what_a_scenario_tells_of_its_figures_holds_for_its_world(
    tmp_path: Path, usage: str
) -> None:
    changed = with_lines(SCENARIO, ("usage: 1500m", usage))
    prepared = prepare(write_small(tmp_path, scenario=changed))
    node = prepared.scenario.node
    outlined = outlined_units(Noter(node, Findings(), Reading()))
    built = {spec.name: spec.unit for spec in catalogue(prepared.definition)}
    assert built.items() <= outlined.items()
    assert all("worker" in name for name in outlined.keys() - built.keys())
