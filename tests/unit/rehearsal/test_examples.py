from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.rehearsal.collection import scenario_files
from kingtide.rehearsal.expectations import told
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.run import Run

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize("name", ["prime-time"])
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
