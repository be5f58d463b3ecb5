"""What must fit together in what an application is and how it is replaced."""

from __future__ import annotations

from kingtide.controlplane.workloads.cron.fields import UnreadableSchedule, parse_schedule
from kingtide.fleet.documents.tree import Path
from kingtide.rehearsal.scenario.application_model import Application
from kingtide.rehearsal.scenario.model import RehearsalSpec
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.times import ScenarioClock

_APPLICATIONS: Path = ("spec", "applications")

_NOT_WITH_STATEFUL_SET = ("hpa", "strategy")
_NOT_WITH_JOB = ("hpa", "strategy", "replicas", "demand", "rollouts", "startup")


def check_workloads(spec: RehearsalSpec, noter: Noter) -> None:
    """Note fields that mean nothing for the kind of workload that an application is."""
    for name, application in spec.applications.items():
        path: Path = (*_APPLICATIONS, name)
        _check_budget(path, application, noter)
        _check_strategy(path, application, noter)
        if application.stateful_set is not None and application.job is not None:
            noter.note((*path, "job"), "stands beside statefulSet", "keep one of them", key=True)
            continue
        if application.stateful_set is not None:
            _check_alone(path, application, "statefulSet", _NOT_WITH_STATEFUL_SET, noter)
        if application.job is not None:
            _check_alone(path, application, "job", _NOT_WITH_JOB, noter)
            _check_job(path, application, noter)
        for index in range(len(application.rollouts)):
            _check_limits((*path, "rollouts", index), application, index, noter)


def check_rollouts(spec: RehearsalSpec, clock: ScenarioClock, noter: Noter) -> None:
    """Note times of rollouts and Jobs that the zone's clocks never show, or twice."""
    for name, application in spec.applications.items():
        path: Path = (*_APPLICATIONS, name)
        times = [
            ((*path, "rollouts", index, "at"), rollout.at)
            for index, rollout in enumerate(application.rollouts)
        ]
        if application.job is not None and application.job.begins is not None:
            times.append(((*path, "job", "begins"), application.job.begins))
        for where, text in times:
            try:
                clock.next_ms(text)
            except ValueError as error:
                noter.note_error(where, error)


def _check_alone(
    path: Path, application: Application, kind: str, others: tuple[str, ...], noter: Noter
) -> None:
    written = application.model_fields_set
    for field in others:
        if field in written and getattr(application, field) not in (None, ()):
            noter.note((*path, field), f"means nothing beside {kind}", "take it out", key=True)


def _check_budget(path: Path, application: Application, noter: Noter) -> None:
    budget, where = application.disruption_budget, (*path, "disruptionBudget")
    if budget is not None and (budget.min_available is None) == (budget.max_unavailable is None):
        wrong = "needs either minAvailable or maxUnavailable"
        amounts = ((*where, "minAvailable"), (*where, "maxUnavailable"))
        noter.note(where, wrong, "write one of both", involves=amounts)


def _check_strategy(path: Path, application: Application, noter: Noter) -> None:
    strategy, where = application.strategy, (*path, "strategy")
    if strategy is None or strategy.type == "Recreate":
        return
    # As the API server refuses it.
    if strategy.max_surge in (0, "0%") and strategy.max_unavailable in (0, "0%"):
        wrong = "leaves a rollout no room, with maxSurge and maxUnavailable both 0"
        amounts = ((*where, "maxSurge"), (*where, "maxUnavailable"))
        noter.note(where, wrong, "raise one", involves=amounts)


def _check_job(path: Path, application: Application, noter: Noter) -> None:
    job = application.job
    assert job is not None  # the caller looked
    if job.fails is not None and job.fails > 100:
        noter.note((*path, "job", "fails"), f"{job.fails} % is more than all", "write up to 100%")
    if job.runs_for.points is None:
        noter.note((*path, "job", "runsFor"), "has nothing to scale", "write a duration, or points")
    if job.work_queue and "completions" in job.model_fields_set:
        where = (*path, "job", "completions")
        noter.note(where, "stands beside workQueue", "keep one of them", key=True)
    if job.schedule is None:
        return
    if job.begins is not None:
        where = (*path, "job", "begins")
        noter.note(where, "stands beside schedule", "keep one of them", key=True)
    try:
        parse_schedule(job.schedule.cron)
    except UnreadableSchedule as error:
        noter.note_error((*path, "job", "schedule", "cron"), error)


def _check_limits(path: Path, application: Application, index: int, noter: Noter) -> None:
    rollout = application.rollouts[index]
    requests = rollout.requests or application.requests
    limits = rollout.limits or application.limits
    if limits is None:
        return
    for resource, requested, limit in (
        ("cpu", requests.cpu, limits.cpu),
        ("memory", requests.memory, limits.memory),
    ):
        if limit and requested > limit:
            wrong = f"requests more {resource} than its limit"
            noter.note(path, wrong, "raise the limit, or request less")
