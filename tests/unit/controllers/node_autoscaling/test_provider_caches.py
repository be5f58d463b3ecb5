"""What the mode that waits as Cluster Autoscaler does remembers of the cloud, and for how long."""

from __future__ import annotations

import pytest

from kingtide.control.chance import Chance
from kingtide.controllers.node_autoscaling.capacity_failure import ProviderCaches
from kingtide.controllers.node_autoscaling.group_failure import detect
from kingtide.controllers.node_autoscaling.upcoming import NOTHING_UPCOMING
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from tests.unit.controllers.node_autoscaling.situation import HandMadeCloud

NOW_MS = 1_000_000_000
POLICY = NodeAutoscalingPolicy(capacity_failure_detection="placeholders")


def _after_a_pass(caches: ProviderCaches, seed: int = 1) -> ProviderCaches:
    chance = Chance(seed, "node_autoscaling")
    return detect(HandMadeCloud(), {}, NOTHING_UPCOMING, {}, caches, POLICY, NOW_MS, chance).caches


@pytest.mark.parametrize(
    ("groups_age_ms", "instances_age_ms", "read_anew"),
    [
        pytest.param(59_999, 119_999, (False, False), id="both are young enough"),
        pytest.param(60_000, 119_999, (True, False), id="groups are read each minute"),
        pytest.param(59_999, 120_000, (False, True), id="instances every other"),
    ],
)
def test_groups_are_read_each_minute_and_instances_every_other(
    groups_age_ms: int, instances_age_ms: int, read_anew: tuple[bool, bool]
) -> None:
    before = ProviderCaches(
        groups_at_ms=NOW_MS - groups_age_ms, instances_at_ms=NOW_MS - instances_age_ms
    )
    after = _after_a_pass(before)
    assert (after.groups_at_ms == NOW_MS, after.instances_at_ms == NOW_MS) == read_anew


def test_a_controller_is_met_at_any_whole_second_of_its_caches_intervals() -> None:
    ages: dict[int, None] = {}
    for seed in range(100):
        met = _after_a_pass(ProviderCaches(), seed)
        assert met.groups_at_ms is not None
        assert met.instances_at_ms is not None
        assert 0 <= NOW_MS - met.groups_at_ms < 60_000
        assert 0 <= NOW_MS - met.instances_at_ms < 120_000
        assert (NOW_MS - met.groups_at_ms) % 1000 == (NOW_MS - met.instances_at_ms) % 1000 == 0
        ages[NOW_MS - met.instances_at_ms] = None
    assert len(ages) > 40
