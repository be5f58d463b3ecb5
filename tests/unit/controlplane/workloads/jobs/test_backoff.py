"""Expected values: pkg/controller/job/backoff_utils.go (v1.36), by hand."""

import pytest

from kingtide.controlplane.workloads.jobs.backoff import JobBackoff, after, remaining_ms


@pytest.mark.parametrize(
    ("failures", "delay_seconds"),
    [
        pytest.param(0, 0, id="none"),
        pytest.param(1, 10, id="one"),
        pytest.param(2, 20, id="two"),
        pytest.param(6, 320, id="six"),
        pytest.param(7, 600, id="seven: the cap"),
        pytest.param(1_000, 600, id="very many"),
    ],
)
def test_a_job_waits_twice_as_long_after_each_failure(failures: int, delay_seconds: int) -> None:
    known = JobBackoff(failures, 5_000 if failures else None)
    assert remaining_ms(known, 5_000) == 1_000 * delay_seconds
    assert remaining_ms(known, 5_000 + 1_000 * delay_seconds) == 0
    assert remaining_ms(known, 10**12) == 0


@pytest.mark.parametrize(
    ("succeeded", "failed", "expected"),
    [
        pytest.param([], [], JobBackoff(2, 50), id="nothing ended"),
        pytest.param([], [70, 60], JobBackoff(4, 70), id="failures add up"),
        pytest.param([80], [], JobBackoff(), id="a success forgets"),
        pytest.param([80], [70, 90, 95], JobBackoff(2, 95), id="failures after the success"),
        pytest.param([80, 99], [90], JobBackoff(), id="the last success counts"),
        pytest.param([80], [80], JobBackoff(), id="at the same time"),
    ],
)
def test_pods_that_end_are_remembered(
    succeeded: list[int], failed: list[int], expected: JobBackoff
) -> None:
    assert after(JobBackoff(2, 50), succeeded, failed) == expected
