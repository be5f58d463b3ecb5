from __future__ import annotations

import pytest

from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.latencies import constant
from tests.twin.worlds import application
from tests.unit.twin.cluster.parts import Parts

INTERVAL_MS = 60_000
LAG_MS = 5_000


class Windowed(Parts):
    """A pipeline that scrapes every minute and measures over a window; one pod serves all."""

    def __init__(self, window_ms: int, demand: list[tuple[int, int]]) -> None:
        super().__init__(
            {
                "metrics.scrape_interval": constant(INTERVAL_MS, "test"),
                "metrics.window": constant(window_ms, "test"),
                "metrics.lag": constant(LAG_MS, "test"),
            }
        )
        applications = (application("api", 1, demand=demand),)
        self.metrics = Metrics(
            self.engine, self.store, self.seeds, self.latencies, applications, self.machines
        )
        self.add_node("n1")
        self.metrics.start()
        self.phase_ms = self.seeds.below(INTERVAL_MS, "metrics/phase", "pipeline")

    def told(self, uid: str, scrape: int) -> int:
        """Return what the API answers once it knows a scrape, counted from 0."""
        self.after(self.phase_ms + scrape * INTERVAL_MS + LAG_MS)
        columns = self.metrics.columns
        return int(columns.published[columns.row_of[uid]])


def test_a_window_shorter_than_the_interval_forgets_what_was_before_it() -> None:
    phase_ms = Windowed(15_000, [(0, 1_000)]).phase_ms
    # Demand rises between two scrapes, before the second one's window of 15 s opens.
    rise_ms = phase_ms + INTERVAL_MS - 30_000
    demand = [(0, 400), (rise_ms, 400), (rise_ms + 1, 1_000)]
    seen = {}
    for window_ms in (15_000, INTERVAL_MS):
        pipeline = Windowed(window_ms, demand)
        pipeline.add_pod("a", "n1", ready=True)
        seen[window_ms] = pipeline.told("a", 1)
    assert seen[15_000] == 1_000
    assert 600 < seen[INTERVAL_MS] < 800


@pytest.mark.parametrize(
    ("window_ms", "known"),
    [pytest.param(15_000, True, id="by its window"), pytest.param(600_000, False, id="by scrapes")],
)
def test_a_pod_is_known_once_its_window_was_whole(window_ms: int, known: bool) -> None:
    pipeline = Windowed(window_ms, [(0, 1_000)])
    pipeline.after(pipeline.phase_ms + 1_000)
    pipeline.add_pod("a", "n1", ready=True)
    assert (pipeline.told("a", 1) >= 0) is known
    assert pipeline.told("a", 2) == 1_000


def test_a_window_is_never_longer_than_the_interval() -> None:
    assert Windowed(600_000, [(0, 1_000)]).metrics.window_ms == INTERVAL_MS
    assert Windowed(15_000, [(0, 1_000)]).metrics.window_ms == 15_000
