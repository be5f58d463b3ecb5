"""A minute of `make soak`: real processes, two leaders, cut and stopped, judged by their audit."""

from __future__ import annotations

import asyncio
from pathlib import Path

from disturbances.evening import Evening
from disturbances.plan import Disturbance
from disturbances.report import result_of
from disturbances.rules.catalogue import judged

SPEED = 30
"""The first peak is four minutes after the start: eight seconds here."""


def test_a_new_leader_goes_on_where_the_old_one_was_and_repeats_nothing(tmp_path: Path) -> None:
    disturbances = (
        Disturbance(1, "cut-watches", 0, of_leader=False),
        Disturbance(1.5, "terminate", 0.1, of_leader=True),
        Disturbance(6, "delay", 0.5, of_leader=True),
        Disturbance(7, "stop", 1, of_leader=True),
        Disturbance(8.5, "cut-watches", 0, of_leader=True),
    )
    told: list[str] = []
    evening = Evening(tmp_path, 1, SPEED, told.append, processes=2)
    course = asyncio.run(evening.play(disturbances, calm_seconds=0))
    result = result_of(course, allowed_nodes=60, seed=1, minutes=0, seconds=0)
    assert judged(course.evidence) == ()
    assert result.terms >= 2, told
    assert "SetDesiredCapacity" in result.decisions
    assert result.connections_cut > 0
    assert result.untold_of_killed == 0
