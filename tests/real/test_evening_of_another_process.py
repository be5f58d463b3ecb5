"""`kingtide run --all` against `kingtide up --controllers none` brings the rehearsed evening."""

from __future__ import annotations

from pathlib import Path

from benchmarks.evenings import differences, missed, on_demand_seconds
from benchmarks.two_processes import Asked, rehearse, serve
from tests.small_rehearsal import BASE, SCENARIO, write_small

SPEEDS = (60, 15)
"""Twenty minutes in twenty seconds. A process on a busy machine reacts late, and at sixty times our
speed half a second is half a minute: then the slower one is what counts."""


def test_a_process_of_its_own_brings_the_same_nodes_and_pods_minute_by_minute(
    tmp_path: Path,
) -> None:
    base = BASE.replace("autoscaler: {", "autoscaler: {scaleDown: {unneededTime: 5m}, ")
    large = SCENARIO.replace("max: 60", "max: 200")
    scarce = large.replace('from: "20:15", until: "20:18"', 'from: "20:02", until: "20:09"')
    assert base != BASE
    assert SCENARIO != large != scarce
    demand = "time,cores\n20:00:00,4\n20:05:00,100\n20:12:00,100\n20:20:00,60\n"
    write_small(tmp_path / "scenario", base=base, scenario=scarce, demand=demand)
    rehearsed = rehearse(_asked(tmp_path, SPEEDS[0]), tmp_path / "rehearsed")
    nodes = rehearsed.minutes["nodes"]
    assert max(nodes) >= 2 * min(nodes)
    assert rehearsed.first_on_demand_ms is not None

    for speed in SPEEDS:
        folder = tmp_path / str(speed)
        folder.mkdir()
        served = serve(_asked(tmp_path, speed), folder)
        found = differences(rehearsed, served.evening)
        wrong = missed(found, on_demand_seconds(rehearsed, served.evening))
        if not wrong:
            break
    assert any(entry.actions for entry in served.decisions)
    assert not wrong, found


def _asked(folder: Path, speed: float) -> Asked:
    return Asked(folder / "scenario", "prod", seed=7, speed=speed)
