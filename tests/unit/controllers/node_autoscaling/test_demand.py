"""Who waits for a node, and since when: ages where they begin to count, and whose turn is first."""

from __future__ import annotations

import pytest

from kingtide.controllers.node_autoscaling.demand import Waiting, waiting
from tests.unit.controllers.node_autoscaling.situation import START_MS, Situation


def seen(situation: Situation) -> Waiting:
    return waiting(situation.cluster, situation.policy, situation.now_ms)


@pytest.mark.parametrize(
    ("age_ms", "pods", "look_again_ms"),
    [
        pytest.param(1_999, 0, START_MS + 1, id="the scheduler may not have tried it"),
        pytest.param(2_000, 1, None, id="it has had two seconds"),
    ],
)
def test_pods_wait_for_a_node_once_the_oldest_is_two_seconds_old(
    age_ms: int, pods: int, look_again_ms: int | None
) -> None:
    situation = Situation(new_pod_age_seconds=2)
    situation.pods(1, age_ms=age_ms)
    found = seen(situation)
    assert (found.pods, found.look_again_ms) == (pods, look_again_ms)


def test_one_pod_that_is_old_enough_is_enough_whoever_came_before_it() -> None:
    situation = Situation(new_pod_age_seconds=2)
    for age_ms in (1_998, 1_999, 2_000, 0):
        situation.pods(1, age_ms=age_ms)
    assert seen(situation).pods == 4


def test_of_young_pods_the_oldest_tells_when_to_look_again() -> None:
    situation = Situation(new_pod_age_seconds=2)
    for age_ms in (500, 900, 100):
        situation.pods(1, age_ms=age_ms)
    assert seen(situation).look_again_ms == START_MS + 1_100


@pytest.mark.parametrize(
    ("age_ms", "pods", "look_again_ms"),
    [
        pytest.param(29_999, 0, START_MS + 1, id="too young to cause a node"),
        pytest.param(30_000, 1, None, id="old enough"),
    ],
)
def test_a_pod_causes_a_node_once_it_is_as_old_as_the_delay_asks(
    age_ms: int, pods: int, look_again_ms: int | None
) -> None:
    situation = Situation(new_pod_scale_up_delay_seconds=30)
    situation.pods(1, age_ms=age_ms)
    found = seen(situation)
    assert (found.pods, found.look_again_ms) == (pods, look_again_ms)


def test_of_pods_under_a_delay_the_next_to_be_old_enough_tells_when_to_look_again() -> None:
    situation = Situation(new_pod_scale_up_delay_seconds=30)
    for age_ms in (10_000, 25_000, 20_000, 40_000):
        situation.pods(1, age_ms=age_ms)
    found = seen(situation)
    assert (found.pods, found.look_again_ms) == (1, START_MS + 5_000)


def test_demands_stand_in_the_order_of_their_first_pod_promised_to_a_lost_node_or_not() -> None:
    situation = Situation()
    situation.pods(1, nominated_node_name="gone")
    situation.pods(1, cpu=2_000)
    situation.pods(2)
    found = seen(situation)
    assert [(it.shape.cpu_millicores, it.count) for it in found.demands] == [(1_000, 3), (2_000, 1)]


def test_a_pod_with_a_place_promised_on_a_node_that_is_there_needs_no_other() -> None:
    situation = Situation()
    situation.group("spot", nodes=1)
    situation.pods(1, nominated_node_name="spot-0")
    found = seen(situation)
    assert (found.pods, [it.nominated_node_name for it in found.nominated]) == (0, ["spot-0"])
