"""x10 in two minutes: what reacting cannot do, and a floor raised in time does."""

from __future__ import annotations

import msgspec
import pytest
from whenever import Instant

from kingtide.aws.autoscaling import Lifecycle
from kingtide.control.action import Action
from kingtide.control.outcome import Outcome
from kingtide.control.workload_actions import SetMinReplicas
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.roster.registry import ControllerRun
from kingtide.twin.latencies import constant
from kingtide.twin.world import World
from tests.twin.worlds import (
    HOUR_MS,
    MINUTE_MS,
    START_MS,
    application,
    autoscaler,
    definition,
    group,
)

PEAK_MS = HOUR_MS
ONE_CORE = 1_000
BASE, PEAK = 20 * ONE_CORE, 200 * ONE_CORE
DEMAND = (
    (0, BASE),
    (PEAK_MS, BASE),
    (PEAK_MS + 2 * MINUTE_MS, PEAK),
    (PEAK_MS + 45 * MINUTE_MS, PEAK),
    (PEAK_MS + 60 * MINUTE_MS, BASE),
    (4 * HOUR_MS, BASE),
)


def clock(after_ms: int) -> str:
    """The time of day in UTC, in the minute that begins before."""
    moment = Instant.from_timestamp(START_MS + after_ms, unit="millisecond").to_tz("UTC")
    return f"{moment.hour:02}:{moment.minute:02}"


def event() -> str:
    return f"{clock(PEAK_MS)}-{clock(PEAK_MS + 5 * MINUTE_MS)} UTC x10"


def evening(*, prescaled: bool) -> World:
    scaling = autoscaler("api", 5, 1_000)
    if prescaled:
        annotations = {"kingtide.dev/prescale": event()}
        scaling = msgspec.structs.replace(scaling, annotations=annotations)
    return World(
        definition(
            application(
                "api", 30, ONE_CORE, demand=DEMAND, scaling=scaling,
                ready_after_ms=constant(35_000, "test"),
            ),
            groups=(group("spot", 4, spot=True),),
            hours=4,
            controllers=(
                ControllerRun("nodeAutoscaling", NodeAutoscalingPolicy()),
                ControllerRun("prescaling", PrescalingPolicy()),
            ),
        )
    )  # fmt: skip


class Evening:
    """An evening to its end, with the floors that were written."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.floors: list[tuple[int, int]] = []
        world.writes.listen(self._note)
        world.run_until(START_MS + 4 * HOUR_MS)

    @property
    def unserved_core_seconds(self) -> int:
        now_ms = self.world.engine.now_ms
        return self.world.metrics.unserved.core_milliseconds(0, now_ms) // 1000

    @property
    def spent(self) -> int:
        now_ms = self.world.engine.now_ms
        lifecycles: tuple[Lifecycle, ...] = ("spot", "on-demand")
        return sum(self.world.cloud.cost.spent_micro_usd(it, now_ms) for it in lifecycles)

    def _note(self, controller: str, action: Action, outcome: Outcome) -> None:
        if isinstance(action, SetMinReplicas) and outcome.status == "done":
            self.floors.append((outcome.at_ms, action.min_replicas))


def test_reacting_cannot_meet_ten_times_the_demand_in_two_minutes() -> None:
    plain = Evening(evening(prescaled=False))
    assert plain.floors == []
    assert plain.unserved_core_seconds > 10_000


def test_a_floor_raised_in_time_serves_all_of_it_and_is_handed_back() -> None:
    prescaled = Evening(evening(prescaled=True))
    assert prescaled.unserved_core_seconds == 0
    first_ms, _ = prescaled.floors[0]
    assert START_MS + PEAK_MS - 30 * MINUTE_MS <= first_ms < START_MS + PEAK_MS
    assert max(floor for _, floor in prescaled.floors) == 300
    assert prescaled.floors[-1][1] == 5
    hpa = prescaled.world.store.autoscalers["test/api"]
    assert hpa.min_replicas == 5
    assert "kingtide.dev/prescaled-min-replicas" not in hpa.annotations


@pytest.mark.parametrize("after_actions", [None, 0, 1])
def test_a_process_killed_on_the_way_up_goes_on_from_what_stands_on_the_object(
    after_actions: int | None,
) -> None:
    world = evening(prescaled=True)
    for minute in range(53, 72):
        world.run_until(START_MS + minute * MINUTE_MS)
        world.process.kill(5_000, after_actions)
    killed = Evening(world)
    assert killed.unserved_core_seconds == 0
    assert world.store.autoscalers["test/api"].min_replicas == 5
