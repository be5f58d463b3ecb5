"""Jobs run no more than they may and end with what they were asked for."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kingtide.controlplane.workloads.jobs.backoff import (
    MAX_DELAY_MS,
    JobBackoff,
    after,
    remaining_ms,
)
from kingtide.controlplane.workloads.jobs.reconcile import JobPods, reconcile
from kingtide.kube.jobs import Job, JobSpec
from kingtide.kube.pods import Container, Pod, PodSpec, PodTemplate

TEMPLATE = PodTemplate({}, PodSpec((Container("c"),)))


class Run:
    """A Job whose pods end as they are told to."""

    def __init__(self, spec: JobSpec) -> None:
        self.job = Job("shop", "load", "job/load", spec, started_ms=0)
        self.active: dict[str, Pod] = {}
        self.succeeded = self.failed = self.made = self.now_ms = 0
        self.backoff = JobBackoff()

    def look(self) -> None:
        if self.job.is_finished:
            return
        pods = JobPods(list(self.active.values()), self.succeeded, self.failed)
        step = reconcile(self.job, pods, self.backoff, self.now_ms)
        for pod in step.delete:
            del self.active[pod.name]
        for _ in range(step.create):
            self.made += 1
            name = f"p{self.made}"
            self.active[name] = Pod("shop", name, name, TEMPLATE.spec, {}, self.now_ms)
        if step.end is not None:
            self.job = msgspec.structs.replace(self.job, verdict=step.end.verdict)

    def end_one(self, *, well: bool) -> None:
        if not self.active:
            return
        del self.active[next(iter(self.active))]
        self.succeeded += well
        self.failed += not well
        ended = [self.now_ms]
        self.backoff = after(self.backoff, ended if well else [], [] if well else ended)


@given(
    parallelism=st.integers(0, 6),
    completions=st.one_of(st.none(), st.integers(0, 12)),
    backoff_limit=st.integers(0, 4),
    events=st.lists(st.sampled_from(["look", "success", "failure", "wait"]), max_size=80),
)
def test_a_job_never_runs_more_pods_than_its_parallelism(
    parallelism: int, completions: int | None, backoff_limit: int, events: list[str]
) -> None:
    run = Run(JobSpec(TEMPLATE, parallelism, completions, backoff_limit))
    for event in events:
        run.now_ms += 1
        match event:
            case "look":
                run.look()
            case "wait":
                run.now_ms += MAX_DELAY_MS
            case _:
                run.end_one(well=event == "success")
        assert len(run.active) <= parallelism
        if completions is not None:
            assert len(run.active) + run.succeeded <= max(completions, run.succeeded)
        if run.job.is_finished:
            assert not run.active


@given(
    parallelism=st.integers(1, 6),
    completions=st.integers(1, 12),
    backoff_limit=st.integers(0, 6),
    failures=st.integers(0, 8),
)
def test_a_job_completes_unless_it_fails_once_too_often(
    parallelism: int, completions: int, backoff_limit: int, failures: int
) -> None:
    run = Run(JobSpec(TEMPLATE, parallelism, completions, backoff_limit))
    for _ in range(200):
        run.look()
        run.end_one(well=run.failed >= failures)
        run.now_ms += MAX_DELAY_MS
    assert run.job.verdict == ("Failed" if failures > backoff_limit else "Complete")
    assert run.succeeded == (run.succeeded if failures > backoff_limit else completions)


@given(
    ends=st.lists(st.tuples(st.booleans(), st.integers(0, 10**7)), max_size=12),
    now_ms=st.integers(0, 10**8),
)
def test_a_delay_is_bounded_and_only_follows_a_failure(
    ends: list[tuple[bool, int]], now_ms: int
) -> None:
    known = JobBackoff()
    for well, at_ms in sorted(ends, key=lambda end: end[1]):
        known = after(known, [at_ms] if well else [], [] if well else [at_ms])
    wait_ms = remaining_ms(known, now_ms)
    if known.failures == 0:
        assert wait_ms == 0
    else:
        assert known.last_failure_ms is not None
        assert 0 <= wait_ms <= max(0, known.last_failure_ms + MAX_DELAY_MS - now_ms)
