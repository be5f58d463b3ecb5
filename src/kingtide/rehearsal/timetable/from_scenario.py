"""The plan of a scenario: its applications with their annotations, under its cluster's policy."""

from __future__ import annotations

from kingtide.control.scalable_index import ScalableObject, scalable_of
from kingtide.fleet.documents.mistakes import Mistake, Mistakes
from kingtide.fleet.documents.tree import Place
from kingtide.kube.pods import pod_requests
from kingtide.kube.scalables import Scalable, ScalableKind
from kingtide.rehearsal.building.downscaling import KEY, downscaling_policy, namespaces
from kingtide.rehearsal.building.policies import runs
from kingtide.rehearsal.building.world import build_world
from kingtide.rehearsal.scenario.price_model import price_overrides
from kingtide.rehearsal.scenario.read import Scenario
from kingtide.rehearsal.timetable.days import end_of_days
from kingtide.rehearsal.timetable.previewed import Plan, Previewed
from kingtide.rehearsal.timetable.savings import PodPrices
from kingtide.twin.definition import Application
from kingtide.twin.workload_objects import autoscaler_object, deployment, stateful_set


def scenario_plan(scenario: Scenario, from_ms: int | None, days: int) -> tuple[Plan, PodPrices]:
    """Return a scenario's plan; it begins with the scenario where `from_ms` is None.

    Raises:
        Mistakes: downscaling does not run in it, or texts that it reads are wrong.
    """
    policy = downscaling_policy(scenario)
    if policy is None:
        wrong = "downscaling does not run: there is no timetable"
        advice = "write policies.downscaling, or downscale: in the cluster's file"
        raise Mistakes([Mistake(Place(str(scenario.path), 0, 0), "", wrong, advice)])
    begin_ms = scenario.clock.start_ms if from_ms is None else from_ms
    workloads = tuple(
        Previewed(
            it,
            pod_requests(application.template.spec),
            scenario.spec.applications[application.name].node_group,
        )
        for application in build_world(scenario).applications
        if application.name in scenario.spec.applications
        for it in _scalables(application)
    )
    plan = Plan(
        name=scenario.name,
        policy=policy,
        timezone=scenario.clock.timezone,
        workloads=workloads,
        namespaces={it.name: it.annotations for it in namespaces(scenario)},
        from_ms=begin_ms,
        until_ms=end_of_days(begin_ms, days, scenario.clock.timezone),
    )
    overrides = {
        (it.instance_type, it.lifecycle): it.micro_usd_per_hour
        for it in price_overrides(scenario.spec.cloud.prices)
    }
    return plan, PodPrices(scenario.groups, scenario.cluster.spec.region, overrides)


def runs_downscaling(scenario: Scenario) -> bool:
    """Return whether a scenario has a timetable to preview."""
    return runs(scenario, KEY, unasked=scenario.cluster.spec.downscale is not None)


def _scalables(application: Application) -> tuple[Scalable, ...]:
    """Return what a timetable may scale of an application: its workload, and its HPA."""
    if application.batch is not None:
        kind: ScalableKind = "Job" if application.batch.timetable is None else "CronJob"
        return (
            Scalable(
                kind,
                application.namespace,
                application.name,
                annotations=application.annotations,
                suspended=False,
            ),
        )
    objects: list[ScalableObject | None] = [
        deployment(application, 0)
        if application.ordered is None
        else stateful_set(application, application.ordered, 0),
        autoscaler_object(application, 0),
    ]
    found = (None if it is None else scalable_of(it) for it in objects)
    return tuple(it for it in found if it is not None)
