from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.policies.disruption import DisruptionBudget
from kingtide.fleet.policies.scheduler import SchedulerPolicy
from kingtide.rehearsal.building.world import build_world
from kingtide.rehearsal.scenario.read import Options, read_scenario
from kingtide.roster.registry import CONTROLLERS
from kingtide.twin.definition import WorldDefinition
from tests.small_rehearsal import write_small


def world(folder: Path, *settings: str) -> WorldDefinition:
    return build_world(read_scenario(write_small(folder), Options(settings=settings)))


def test_disruption_budgets_are_the_clusters_unless_the_scenario_has_its_own(
    tmp_path: Path,
) -> None:
    assert world(tmp_path).disruption.budgets == ()
    cluster = "clusterSpec.disruption.budgets=[{nodes: 2}]"
    assert world(tmp_path, cluster).disruption.budgets == (DisruptionBudget(2),)
    own = "policies.disruption.budgets=[{nodes: 10%, reasons: [Expired]}, {nodes: 0, schedule: '0 20 * * *', duration: 3h}]"  # noqa: E501 (one setting)
    assert world(tmp_path, cluster, own).disruption.budgets == (
        DisruptionBudget("10%", reasons=("Expired",)),
        DisruptionBudget(0, "0 20 * * *", 10_800),
    )


@pytest.mark.parametrize(
    ("budget", "told"),
    [
        pytest.param("{nodes: lots}", "disruption.budgets[0].nodes: 'lots' is no number", id="n"),
        pytest.param("{schedule: '@daily'}", "disruption.budgets[0].duration: a sche", id="d"),
        pytest.param("{schedule: noon, duration: 1h}", "budgets[0].schedule: 'noon' has", id="s"),
        pytest.param("{nodes: 1, reasons: [Bored]}", "budgets[0].reasons", id="r"),
    ],
)
def test_a_budget_that_cannot_be_read_is_told_where_it_stands(
    tmp_path: Path, budget: str, told: str
) -> None:
    with pytest.raises(Mistakes) as caught:
        world(tmp_path, f"policies.disruption.budgets=[{budget}]")
    assert told in str(caught.value)


@pytest.mark.parametrize("key", CONTROLLERS)
def test_a_scenario_switches_every_controller_on_and_off(tmp_path: Path, key: str) -> None:
    registered = CONTROLLERS[key]
    for switch in (True, False):
        runs = world(tmp_path, f"policies.{key}.enabled={str(switch).lower()}").controllers
        assert (key in [run.key for run in runs]) == switch
    unasked = [run.key for run in world(tmp_path).controllers]
    assert (key in unasked) == registered.runs_unasked


def test_the_scheduler_is_set_in_the_scenario(tmp_path: Path) -> None:
    assert world(tmp_path).scheduler == SchedulerPolicy()
    settings = ("percentageOfNodesToScore=0", "popFromBackoffQueue=true")
    changed = world(tmp_path, *(f"policies.scheduler.{setting}" for setting in settings))
    assert changed.scheduler == SchedulerPolicy(0, pop_from_backoff_queue=True)
