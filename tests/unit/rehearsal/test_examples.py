from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.rehearsal.collection import scenario_files
from kingtide.rehearsal.expectations import told
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.run import Run

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize("name", ["prime-time", "hard-night"])
def test_an_example_meets_its_expectations(name: str) -> None:
    for path in scenario_files(EXAMPLES / name):
        record = Run(prepare(path)).record()
        failed = [told(r, record.figures) for r in record.expectations if not r.passed]
        assert failed == []
        assert record.expectations


def test_prime_time_shows_the_evening_with_overprovisioning() -> None:
    record = Run(prepare(EXAMPLES / "prime-time" / "rehearsal.yaml")).record()
    figures = {name: figure.value or 0 for name, figure in record.figures.items()}
    # The published cluster has about a hundred nodes, and the first peak adds a hundred pods.
    assert 90 <= figures["nodes.min.spot"] <= 110
    assert figures["hpa.api.max_replicas"] >= 340
    assert figures["scheduling.preemptions"] > 0
    assert figures["node_autoscaling.scale_ups"] > 0


def test_everything_that_the_hard_night_announces_happens() -> None:
    record = Run(prepare(EXAMPLES / "hard-night" / "rehearsal.yaml")).record()
    kinds = {event.kind for event in record.events}
    taken = [event.message for event in record.events if event.kind == "spot_interruption"]
    for cause in ("account video launched", "the pool has less to give", "end in 30 s: as planned"):
        assert any(cause in message for message in taken), cause
    assert kinds >= {"rebalance_recommendation", "zone_lost", "launch_failed", "container_killed"}
    # With Capacity Rebalancing those at risk are gone before their notice.
    assert not any("as a rebalance recommendation announced" in message for message in taken)
    acted = {entry.controller for entry in record.decisions if entry.actions}
    assert acted >= {"spot_interruption", "ondemand_reclaim", "prescaling", "node_autoscaling"}
