"""Curves from files are read once, and again when the file or what is asked of it is another."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.tree import Place
from kingtide.rehearsal.scenario.curve_file import read_curve_file
from kingtide.rehearsal.scenario.demand_model import Demand
from kingtide.rehearsal.scenario.times import ScenarioClock
from kingtide.twin.definition import DemandPoint

START_MS = 1_602_093_600_000  # 2020-10-07 18:00 UTC
CLOCK = ScenarioClock(START_MS, START_MS + 120_000, 0, "UTC")
Points = tuple[DemandPoint, ...]


def written(path: Path, *values: int) -> Path:
    lines = [f"18:0{minute}:00,{value}" for minute, value in enumerate(values)]
    path.write_text("\n".join(["time,cores", *lines]) + "\n")
    return path


def read(path: Path, clock: ScenarioClock = CLOCK, *, scale: Decimal = Decimal(1)) -> Points:
    demand = Demand(csv=path.name, scale=scale)
    return read_curve_file(path, demand, None, clock, Place("scenario.yaml", 7, 1))


def test_the_same_curve_is_read_once(tmp_path: Path) -> None:
    path = written(tmp_path / "demand.csv", 1, 2, 3)
    first = read(path)
    assert [point.millicores for point in first] == [1_000, 2_000, 3_000]
    assert read(path) is first


def test_a_file_that_was_written_again_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "demand.csv", 1, 2, 3)
    read(path)
    written(path, 1, 2, 4)
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))
    assert read(path)[-1].millicores == 4_000


def test_another_scale_or_time_is_another_curve(tmp_path: Path) -> None:
    path = written(tmp_path / "demand.csv", 1, 2, 3)
    assert read(path, scale=Decimal(2))[0].millicores == 2 * read(path)[0].millicores
    shorter = ScenarioClock(START_MS, START_MS + 30_000, 0, "UTC")
    assert len(read(path, shorter)) < len(read(path))


def test_mistakes_are_told_each_time(tmp_path: Path) -> None:
    path = written(tmp_path / "demand.csv", 1, -2)
    for _ in range(2):
        with pytest.raises(Mistakes, match="negative"):
            read(path)
    with pytest.raises(Mistakes, match="does not exist"):
        read(tmp_path / "absent.csv")
