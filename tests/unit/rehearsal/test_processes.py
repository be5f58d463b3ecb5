from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kingtide.rehearsal.processes import run_jobs


def square(number: int) -> int:
    if number < 0:
        raise KeyboardInterrupt
    return number * number


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_jobs(processes: int) -> None:
    told: list[int] = []
    assert run_jobs(square, [3, 1, 2], processes, told.append) == [9, 1, 4]
    assert told == [9, 1, 4]


def test_an_executor_that_is_handed_in_gets_the_jobs_and_is_left_open() -> None:
    with ThreadPoolExecutor(1) as executor:
        assert run_jobs(square, [3, 1], 7, executor=executor) == [9, 1]
        assert executor.submit(square, 5).result() == 25


def test_an_interrupt_leaves_what_was_finished() -> None:
    assert run_jobs(square, [3, -1, 2], 1) == [9]
