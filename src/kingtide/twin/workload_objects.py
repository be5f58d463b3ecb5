"""The Kubernetes objects that an application of a world definition stands for."""

from __future__ import annotations

from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.jobs import CronJob, Job
from kingtide.kube.labels import LabelSelector
from kingtide.kube.workloads import Deployment, StatefulSet
from kingtide.twin.cluster.cron_jobs import CronJobs
from kingtide.twin.cluster.jobs import Jobs
from kingtide.twin.definition import Application, Batch, Ordered
from kingtide.twin.engine import Engine, EventClass


def deployment(application: Application, created_ms: int) -> Deployment:
    """Return an application's Deployment."""
    return Deployment(
        namespace=application.namespace,
        name=application.name,
        uid=f"deployment/{application.key}",
        replicas=application.replicas,
        template=application.template,
        selector=_selector(application),
        created_ms=created_ms,
        annotations=application.annotations,
        strategy=application.update.strategy,
        max_surge=application.update.max_surge,
        max_unavailable=application.update.max_unavailable,
        min_ready_seconds=application.update.min_ready_seconds,
        progress_deadline_seconds=application.update.progress_deadline_seconds,
    )


def stateful_set(application: Application, ordered: Ordered, created_ms: int) -> StatefulSet:
    """Return an application's StatefulSet."""
    return StatefulSet(
        namespace=application.namespace,
        name=application.name,
        uid=f"statefulset/{application.key}",
        replicas=application.replicas,
        template=application.template,
        selector=_selector(application),
        created_ms=created_ms,
        annotations=application.annotations,
        pod_management_policy=ordered.pod_management_policy,
        update_strategy=ordered.update_strategy,
        partition=ordered.partition,
        max_unavailable=ordered.max_unavailable,
        min_ready_seconds=ordered.min_ready_seconds,
    )


def autoscaler_object(application: Application, created_ms: int) -> HorizontalPodAutoscaler | None:
    """Return an application's HorizontalPodAutoscaler, None without one."""
    autoscaler = application.autoscaler
    if autoscaler is None:
        return None
    return HorizontalPodAutoscaler(
        namespace=application.namespace,
        name=application.name,
        uid=f"horizontalpodautoscaler/{application.key}",
        target_kind="Deployment",
        target_name=autoscaler.spec.target_name,
        max_replicas=autoscaler.spec.max_replicas,
        min_replicas=autoscaler.spec.min_replicas,
        created_ms=created_ms,
        annotations=autoscaler.annotations,
    )


def add_batch(
    application: Application, batch: Batch, engine: Engine, jobs: Jobs, cron_jobs: CronJobs
) -> None:
    """Add an application's CronJob, or its Job when that is to begin."""
    times = batch.timetable
    if times is None:
        job = Job(
            application.namespace,
            application.name,
            f"job/{application.key}",
            batch.job,
            annotations=application.annotations,
        )
        begins_ms = engine.now_ms if batch.begins_ms is None else batch.begins_ms
        engine.at(begins_ms, EventClass.WORLD, jobs.add, job, application.key)
        return
    cron_jobs.add(
        CronJob(
            namespace=application.namespace,
            name=application.name,
            uid=f"cronjob/{application.key}",
            annotations=application.annotations,
            schedule=times.schedule,
            job=batch.job,
            time_zone=times.time_zone,
            concurrency_policy=times.concurrency_policy,
            starting_deadline_seconds=times.starting_deadline_seconds,
            successful_jobs_history_limit=times.successful_jobs_history_limit,
            failed_jobs_history_limit=times.failed_jobs_history_limit,
        )
    )


def _selector(application: Application) -> LabelSelector:
    return LabelSelector(match_labels=tuple(sorted(application.template.labels.items())))
