from __future__ import annotations

import pytest

from kingtide.rehearsal.gameday.shrink import shrink


@pytest.mark.parametrize(
    "needed",
    [(), (3,), (1, 6), (0, 7), (2, 3, 5), (0, 1, 2, 3, 4, 5, 6, 7)],
    ids=lambda needed: f"needs-{len(needed)}",
)
def test_what_is_left_is_what_is_needed(needed: tuple[int, ...]) -> None:
    found = shrink(range(8), lambda some: set(needed) <= set(some), most_runs=1_000)
    assert found.items == needed
    assert found.is_smallest


def test_each_of_two_causes_is_enough_and_one_is_found() -> None:
    found = shrink(range(8), lambda some: 2 in some or 5 in some)
    assert found.items in ((2,), (5,))


def test_runs_are_bounded_and_the_last_failing_part_is_kept() -> None:
    asked = []

    def fails(some: tuple[int, ...]) -> bool:
        asked.append(some)
        return {0, 99} <= set(some)

    found = shrink(range(100), fails, most_runs=10)
    assert len(asked) == found.runs == 10
    assert not found.is_smallest
    assert {0, 99} <= set(found.items)


def test_without_faults_nothing_is_run() -> None:
    nothing: tuple[int, ...] = ()
    found = shrink(nothing, lambda some: pytest.fail("nothing is to be tried"))
    assert (found.items, found.runs, found.is_smallest) == ((), 0, True)
