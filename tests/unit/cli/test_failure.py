"""How a failure reads, and the exit code it ends with."""

from __future__ import annotations

import pytest

from kingtide.cli.failure import BadInput, ExitCode, Failure, Refused, RunFailed


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        pytest.param(Refused, 1, id="the answer is no"),
        pytest.param(BadInput, 2, id="bad input"),
        pytest.param(RunFailed, 3, id="failed while running"),
    ],
)
def test_each_failure_has_its_exit_code(kind: type[Failure], code: int) -> None:
    assert kind("x").exit_code == code


def test_a_failure_reads_error_then_details_then_hint() -> None:
    failure = BadInput(
        "2 mistakes in evening.yaml", hint="nothing was written", details=["a:1:1", "a:2:1"]
    )
    assert failure.lines() == [
        "error: 2 mistakes in evening.yaml",
        "  a:1:1",
        "  a:2:1",
        "hint: nothing was written",
    ]


def test_a_failure_without_a_hint_says_only_what_is_wrong() -> None:
    assert RunFailed("the disk is full").lines() == ["error: the disk is full"]


def test_yes_is_zero() -> None:
    assert int(ExitCode.YES) == 0
