"""Latencies that a scenario sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.twin.latencies import DEFAULT_LATENCIES, ONE_VALUE
from tests.unit.rehearsal.scenario.reading import mistakes, read


@pytest.mark.parametrize("name", ONE_VALUE)
def test_a_component_s_pace_has_one_value_not_a_spread(tmp_path: Path, name: str) -> None:
    assert DEFAULT_LATENCIES[name].is_constant
    spread = f"latencies={{{name}: {{points: [[0, 2s], [100, 5s]]}}}}"
    (found,) = mistakes(tmp_path, spread)
    assert "has one value in a run, not a spread; write one duration, as 5s" in found
    assert read(tmp_path / "one", f"latencies={{{name}: 2s}}").latencies[name].is_constant
