from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.game_days import Played, as_markdown, written


def test_the_page_is_what_its_command_writes(repository: Path) -> None:
    page = (repository / "docs" / "concepts" / "invariants.md").read_text()
    assert written(page) == page, "type: python -m benchmarks.game_days"


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="invariants: begin"):
        written("# Invariants\n")


def test_a_failure_is_told_with_the_command_that_shows_it_again() -> None:
    record = Played(
        name="small",
        path="examples/small",
        first_seed=1,
        seeds=10,
        date="2026-11-22",
        commit="abc",
        reached={"preemption": 4},
        failed=("kingtide gameday examples/small --seeds 1 --from-seed 7 --faults ice#1 (x)",),
    )
    text = as_markdown([record])
    assert "| `examples/small` | 1 to 10 | 2026-11-22 | abc | 1 | preemption 4 |" in text
    assert "- `kingtide gameday examples/small --seeds 1 --from-seed 7 --faults ice#1` (x)" in text
