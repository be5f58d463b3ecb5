"""The world moves with the wall clock, never longer than requests can wait."""

from __future__ import annotations

import pytest

from kingtide.twin.apiserver.clock import SLICE_MS, WORK_SECONDS, Clock


class Bench:
    """A world and a wall clock that are moved by hand; a slice of work takes `cost_seconds`."""

    def __init__(self, speed: float, cost_seconds: float = 0.0) -> None:
        self.world_ms = 1_000_000
        self.wall = 50.0
        self.cost_seconds = cost_seconds
        self.slices: list[int] = []
        self.clock = Clock(lambda: self.world_ms, self.advance, speed, monotonic=lambda: self.wall)

    def advance(self, to_ms: int) -> bool:
        self.slices.append(to_ms - self.world_ms)
        self.world_ms = to_ms
        self.wall += self.cost_seconds
        return True


def test_the_world_moves_so_many_times_faster_in_slices() -> None:
    bench = Bench(speed=10)
    bench.wall += 0.1
    assert bench.clock.step()
    assert (bench.world_ms, bench.slices) == (1_001_000, [SLICE_MS] * 4)
    bench.wall += 0.05
    bench.clock.step()
    assert bench.world_ms == 1_001_500
    assert bench.clock.lost_ms == 0


def test_a_world_that_cannot_keep_up_is_late_and_does_not_hurry_later() -> None:
    bench = Bench(speed=100, cost_seconds=0.03)
    bench.wall += 0.05
    bench.clock.step()
    assert bench.slices == [SLICE_MS, SLICE_MS]
    assert 2 * bench.cost_seconds > WORK_SECONDS
    assert bench.clock.lost_ms == 5_000 - 2 * SLICE_MS
    bench.cost_seconds = 0.0
    bench.wall += 0.01
    bench.clock.step()
    assert bench.world_ms == 1_000_000 + 2 * SLICE_MS + 1_000


def test_a_pause_is_no_time_that_has_to_be_made_up() -> None:
    bench = Bench(speed=1)
    bench.clock.pause()
    bench.wall += 3_600
    bench.clock.go_on()
    bench.wall += 0.2
    bench.clock.step()
    assert bench.world_ms == 1_000_200


@pytest.mark.parametrize("speed", [0, -1, 1_001, float("nan")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be more than 0"):
        Bench(speed)
