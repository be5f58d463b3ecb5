"""What an application is besides its pods: strategy, rollouts, budget, StatefulSet, Job."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.kube.jobs import JobSpec
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import PodTemplate
from kingtide.kube.workloads import PodDisruptionBudget
from kingtide.rehearsal.building.pods import APP_LABEL, application_template
from kingtide.rehearsal.scenario import application_model, workload_model
from kingtide.rehearsal.scenario.latency_table import to_latency
from kingtide.rehearsal.scenario.times import ScenarioClock
from kingtide.twin.definition import Batch, Ordered, Rollout, Timetable, UpdateStrategy

ROLLOUT_ANNOTATION = "kingtide.dev/rollout"
"""What tells a rollout's template from the one before where nothing else does."""


def update_strategy(written: application_model.Application) -> UpdateStrategy:
    """Return how a Deployment's pods are replaced."""
    strategy = written.strategy
    if strategy is None:
        return UpdateStrategy()
    return UpdateStrategy(
        strategy.type,
        str(strategy.max_surge),
        str(strategy.max_unavailable),
        strategy.min_ready,
        strategy.progress_deadline,
    )


def rollouts(
    name: str,
    written: application_model.Application,
    cluster: ClusterSpec,
    priorities: Mapping[str, int],
    clock: ScenarioClock,
) -> tuple[Rollout, ...]:
    """Return an application's templates to come, in the order of their times."""
    found: list[Rollout] = []
    for number, rollout in enumerate(written.rollouts, start=1):
        changed = written.model_copy(
            update={
                "requests": rollout.requests or written.requests,
                "limits": rollout.limits or written.limits,
            }
        )
        template = application_template(name, changed, cluster, priorities)
        told = {**template.annotations, ROLLOUT_ANNOTATION: str(number)}
        template = msgspec.structs.replace(template, annotations=told)
        found.append(Rollout(clock.next_ms(rollout.at), template))
    return tuple(sorted(found, key=lambda rollout: rollout.at_ms))


def disruption_budget(
    name: str, written: application_model.Application
) -> PodDisruptionBudget | None:
    """Return the budget about an application's pods, None without one."""
    budget = written.disruption_budget
    if budget is None:
        return None
    return PodDisruptionBudget(
        namespace=written.namespace,
        name=name,
        selector=LabelSelector(match_labels=((APP_LABEL, name),)),
        min_available=None if budget.min_available is None else str(budget.min_available),
        max_unavailable=None if budget.max_unavailable is None else str(budget.max_unavailable),
        unhealthy_pod_eviction_policy=budget.unhealthy_pod_eviction_policy,
    )


def ordered(written: application_model.Application) -> Ordered | None:
    """Return what makes a StatefulSet of an application, None for any other kind."""
    it = written.stateful_set
    if it is None:
        return None
    return Ordered(
        it.pod_management_policy,
        it.update_strategy,
        it.partition,
        str(it.max_unavailable),
        it.min_ready,
    )


def batch(
    written: application_model.Application, template: PodTemplate, clock: ScenarioClock
) -> Batch | None:
    """Return what makes a Job or CronJob of an application, None for any other kind."""
    job = written.job
    if job is None:
        return None
    spec = JobSpec(
        template=template,
        parallelism=job.parallelism,
        completions=None if job.work_queue else job.completions,
        backoff_limit=job.backoff_limit,
        active_deadline_seconds=job.active_deadline,
        ttl_seconds_after_finished=job.ttl_after_finished,
    )
    return Batch(
        job=spec,
        runs_for=to_latency(job.runs_for),
        fail_percent=job.fails or 0,
        begins_ms=clock.start_ms if job.begins is None else clock.next_ms(job.begins),
        timetable=_timetable(job.schedule),
    )


def _timetable(schedule: workload_model.Schedule | None) -> Timetable | None:
    if schedule is None:
        return None
    return Timetable(
        schedule.cron,
        schedule.time_zone,
        schedule.concurrency_policy,
        schedule.starting_deadline,
        schedule.successful_jobs_history_limit,
        schedule.failed_jobs_history_limit,
    )
