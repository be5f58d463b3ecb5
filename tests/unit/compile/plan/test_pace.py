from __future__ import annotations

import pytest

from kingtide.compile.plan.instance_group import InstanceGroup, Role, instance_groups
from kingtide.compile.plan.pace import (
    FAST,
    SLOW,
    Pace,
    Strategy,
    longest_roll_seconds,
    roll_seconds,
    strategy,
)
from kingtide.fleet.documents.tree import Plain
from tests.unit.compile.plan.fleets import group

NOTHING_WRITTEN: dict[str, str | None] = {"maxSurge": None, "maxUnavailable": None}


def node_group(**rolling: Plain) -> InstanceGroup:
    return instance_groups([group("a", rollingUpdate=rolling)])["a"]


@pytest.mark.parametrize(
    ("rolling", "cluster", "instances", "surge", "unavailable"),
    [
        pytest.param({}, {}, 10, 1, 0, id="AWS' default is one more"),
        pytest.param({}, {"maxSurge": "10%"}, 21, 3, 0, id="a surge rounds up"),
        pytest.param({"maxSurge": 0}, {}, 10, 0, 1, id="without a surge one is missing"),
        pytest.param({"maxUnavailable": "10%"}, {}, 25, 1, 2, id="unavailable rounds down"),
        pytest.param({"maxUnavailable": "10%"}, {}, 5, 1, 1, id="but to no less than one"),
        pytest.param({"maxSurge": 2}, {"maxSurge": "50%"}, 10, 2, 0, id="the group's own first"),
        pytest.param({"maxSurge": 0, "maxUnavailable": 0}, {}, 10, 0, 1, id="never nothing at all"),
    ],
)
def test_a_strategy_is_resolved_as_kops_does(
    rolling: dict[str, Plain],
    cluster: dict[str, str | None],
    instances: int,
    surge: int,
    unavailable: int,
) -> None:
    found = strategy(node_group(**rolling), NOTHING_WRITTEN | cluster, instances)
    assert found == Strategy(surge, unavailable)


def test_the_control_plane_does_not_surge() -> None:
    master = instance_groups([group("m", role="Master")])["m"]
    assert strategy(master, {"maxSurge": "30%", "maxUnavailable": None}, 3) == Strategy(0, 1)


@pytest.mark.parametrize(
    ("role", "instances", "how", "seconds"),
    [
        pytest.param("node", 0, Strategy(1, 0), 0, id="nobody"),
        # 10 two looks; drained 5 + 5 + 15; new after 60 - 15 = 45, seen at 60; 10 second look.
        pytest.param("node", 1, Strategy(0, 1), 105, id="one, missing"),
        pytest.param("control-plane", 2, Strategy(0, 1), 200, id="two, one after the other"),
        # 10; detached 15, new seen after 60, 10; drained 25; nothing to wait for, 10.
        pytest.param("node", 1, Strategy(1, 0), 130, id="one, surged"),
        # 105 for the first alone; then two at once: 25, seen at 60, 10.
        pytest.param("node", 3, Strategy(0, 2), 200, id="the first alone, then two"),
        pytest.param("bastion", 2, Strategy(1, 0), 30, id="bastions are not drained"),
    ],
)
def test_a_roll_takes_as_long_as_kops_waits(
    role: Role, instances: int, how: Strategy, seconds: int
) -> None:
    assert roll_seconds(role, instances, how, FAST) == seconds


def test_more_surge_is_never_slower() -> None:
    times = [roll_seconds("node", 60, Strategy(surge, 0), SLOW) for surge in (1, 2, 5, 10, 60)]
    assert times == sorted(times, reverse=True)
    assert times[0] > 5 * times[3]


@pytest.mark.parametrize("pace", [FAST, SLOW, Pace(900, 800)])
@pytest.mark.parametrize("how", [Strategy(0, 1), Strategy(1, 0), Strategy(7, 3)])
@pytest.mark.parametrize("instances", [1, 2, 9, 100])
def test_a_step_is_given_more_time_than_any_roll_that_kops_does_not_give_up(
    instances: int, how: Strategy, pace: Pace
) -> None:
    longest = roll_seconds("node", instances, how, pace)
    assert longest <= longest_roll_seconds(instances, how)
