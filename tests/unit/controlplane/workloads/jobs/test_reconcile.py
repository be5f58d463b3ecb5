"""Expected values: pkg/controller/job/job_controller.go (v1.36), by hand."""

import msgspec
import pytest

from kingtide.controlplane.workloads.jobs.backoff import JobBackoff
from kingtide.controlplane.workloads.jobs.reconcile import (
    BACKOFF_LIMIT_EXCEEDED,
    COMPLETE,
    DEADLINE_EXCEEDED,
    MAX_CALLS,
    JobPods,
    JobStep,
    reconcile,
)
from kingtide.kube.jobs import Job, JobSpec
from kingtide.kube.pods import Condition, Container, Pod, PodSpec, PodTemplate

TEMPLATE = PodTemplate({}, PodSpec((Container("c"),)))
NOW_MS = 1_000_000


def job(parallelism: int = 1, completions: int | None = 1, **changes: object) -> Job:
    spec = JobSpec(TEMPLATE, parallelism, completions)
    return Job(
        "shop", "load", "job/load", msgspec.structs.replace(spec, **changes), started_ms=900_000
    )


def active(count: int, unready: int = 0) -> list[Pod]:
    return [
        Pod(
            "shop", f"p{i}", f"u{i}", TEMPLATE.spec, {}, 0, node_name="n", phase="Running",
            ready=Condition("False" if i >= count - unready else "True", 0),
        )
        for i in range(count)
    ]  # fmt: skip


def step(it: Job, running: int = 0, succeeded: int = 0, failed: int = 0) -> JobStep:
    return reconcile(it, JobPods(active(running), succeeded, failed), JobBackoff(), NOW_MS)


@pytest.mark.parametrize(
    ("it", "running", "succeeded", "create", "delete"),
    [
        pytest.param(job(5, 20), 0, 0, 5, 0, id="as many as may run"),
        pytest.param(job(5, 20), 3, 4, 2, 0, id="those that ended are replaced"),
        pytest.param(job(5, 20), 2, 17, 1, 0, id="no more than are to succeed"),
        pytest.param(job(5, 20), 5, 4, 0, 0, id="enough"),
        pytest.param(job(5, 20), 5, 18, 0, 3, id="too many for what is left"),
        pytest.param(job(2, 20), 5, 0, 0, 3, id="parallelism was lowered"),
        pytest.param(job(0, 20), 0, 0, 0, 0, id="parallelism 0 is a pause"),
        pytest.param(job(5, None), 0, 0, 5, 0, id="queue: as many as may run"),
        pytest.param(job(5, None), 4, 1, 0, 0, id="queue: after a success nobody new"),
        pytest.param(job(5, None), 4, 0, 1, 0, id="queue: failures are replaced"),
        pytest.param(job(600, 900), 0, 0, MAX_CALLS, 0, id="so many in one look"),
        pytest.param(job(5, 20, suspend=True), 3, 0, 0, 3, id="suspended"),
    ],
)
def test_a_job_keeps_its_pods(
    it: Job, running: int, succeeded: int, create: int, delete: int
) -> None:
    found = step(it, running, succeeded)
    assert (found.create, len(found.delete), found.end) == (create, delete, None)


@pytest.mark.parametrize(
    ("it", "running", "succeeded", "failed", "end"),
    [
        pytest.param(job(5, 20), 0, 20, 0, COMPLETE, id="all succeeded"),
        pytest.param(job(5, 20), 2, 21, 0, COMPLETE, id="more than all"),
        pytest.param(job(5, 20), 0, 19, 6, None, id="one to go, at the limit"),
        pytest.param(job(5, 20), 4, 3, 7, BACKOFF_LIMIT_EXCEEDED, id="one failure too many"),
        pytest.param(job(5, 20, backoff_limit=0), 4, 0, 1, BACKOFF_LIMIT_EXCEEDED, id="no retry"),
        pytest.param(job(5, None), 0, 1, 0, COMPLETE, id="queue: one succeeded, none runs"),
        pytest.param(job(5, None), 1, 1, 0, None, id="queue: one still runs"),
        pytest.param(
            job(5, 20, active_deadline_seconds=100), 2, 0, 0, DEADLINE_EXCEEDED, id="deadline"
        ),
        pytest.param(job(5, 20, active_deadline_seconds=101), 5, 0, 0, None, id="before it"),
        pytest.param(job(1, 0), 0, 0, 0, COMPLETE, id="nothing to do"),
    ],
)  # fmt: skip
def test_a_job_ends(it: Job, running: int, succeeded: int, failed: int, end: object) -> None:
    found = step(it, running, succeeded, failed)
    assert found.end == end
    if end is not None:
        assert len(found.delete) == running


def test_pods_that_have_come_less_far_go_first() -> None:
    found = reconcile(job(1, 20), JobPods(active(3, unready=2)), JobBackoff(), NOW_MS)
    assert sorted(pod.name for pod in found.delete) == ["p1", "p2"]


def test_no_pod_is_created_during_the_backoff() -> None:
    known = JobBackoff(2, NOW_MS - 5_000)
    found = reconcile(job(5, 20), JobPods(active(3)), known, NOW_MS)
    assert (found.create, found.look_again_ms) == (0, NOW_MS + 15_000)
    later = reconcile(job(5, 20), JobPods(active(3)), known, NOW_MS + 15_000)
    assert later.create == 2


def test_the_deadline_is_looked_at_when_it_comes() -> None:
    limited = job(5, 20, active_deadline_seconds=110)
    assert step(limited, 5).look_again_ms == 1_010_000
    known = JobBackoff(5, NOW_MS)
    assert reconcile(limited, JobPods(), known, NOW_MS).look_again_ms == 1_010_000
