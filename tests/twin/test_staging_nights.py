"""A week of staging with its timetable, beside the same week without."""

from __future__ import annotations

from pathlib import Path

from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.run import Run


def rehearsed(path: Path) -> RunRecord:
    return Run(prepare(path)).record()


def node_hours(record: RunRecord) -> float:
    hours = record.figures["node_hours.total"].value
    assert hours is not None
    return float(hours)


def test_a_weekday_timetable_takes_sixty_percent_of_the_worker_hours_away(
    repository: Path,
) -> None:
    example = repository / "examples" / "staging-nights"
    with_timetable = rehearsed(example / "timetable.yaml")
    without = rehearsed(example / "always-on.yaml")
    assert all(it.passed for it in with_timetable.expectations)
    assert node_hours(with_timetable) <= 0.4 * node_hours(without)
    # A value a minute, from Monday's midnight: each day's noon is as it was before the first night.
    for name, size in (("shop", 30), ("orders", 9), ("payments", 24)):
        wanted = with_timetable.series[f"app.{name}.replicas"].values
        assert [wanted[60 * hour] for hour in (0, 12, 23, 36, 84, 108, 132)] == [
            0, size, 0, size, size, size, 0,
        ]  # fmt: skip
