"""The sums of settled pods are kept as pods settle, flip and go; added up afresh they are equal."""

from __future__ import annotations

from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.world import World
from tests.twin.test_invariants_over_seeds import busy_evening, let_machines_die
from tests.twin.worlds import MINUTE_MS, START_MS


def added_up(metrics: Metrics, number: int) -> tuple[int, int, int]:
    columns = metrics.columns
    rows = [row for row in columns.row_of.values() if int(columns.settled_of[row]) == number]
    published = [int(columns.published[row]) for row in rows]
    known = [usage for usage in published if usage >= 0]
    return len(known), sum(known), len(rows) - len(known)


def test_sums_of_settled_pods_are_those_added_up_one_by_one() -> None:
    world = World(busy_evening(5))
    let_machines_die(world)
    most = 0
    for now_ms in range(START_MS, START_MS + 30 * MINUTE_MS, 7_000):
        world.run_until(now_ms)
        for number in range(len(world.autoscalers.by_key)):
            sums = world.autoscalers.usage.of(number)
            assert sums == added_up(world.metrics, number)
            most = max(most, sums[0])
    assert most > 40
