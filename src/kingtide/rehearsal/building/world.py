"""A scenario's WorldDefinition: everything its run depends on, in one value."""

from __future__ import annotations

from kingtide.fleet.expander_priorities import PRIORITIES, PRIORITIES_KEY
from kingtide.fleet.models import daemon_set
from kingtide.fleet.policies.hpa import HpaPolicy
from kingtide.fleet.priority_classes import DEFAULT_PRIORITY_CLASS
from kingtide.kube.labels import LabelSelector
from kingtide.kube.workloads import ConfigMap, DaemonSet, PriorityClass
from kingtide.rehearsal.building.admission import admission, labelled
from kingtide.rehearsal.building.autoscalers import autoscaler
from kingtide.rehearsal.building.dns import dns_conditions
from kingtide.rehearsal.building.downscaling import downscaling_run, namespaces
from kingtide.rehearsal.building.overprovisioning import pause_pods
from kingtide.rehearsal.building.pods import APP_LABEL, application_template, daemon_template
from kingtide.rehearsal.building.policies import (
    disruption_policy,
    hpa_policy,
    node_autoscaling_policy,
    other_controllers,
    scheduler_policy,
)
from kingtide.rehearsal.building.scaling_groups import scaling_group
from kingtide.rehearsal.building.scarcity import contention, memory_use
from kingtide.rehearsal.building.settings_texts import check_texts
from kingtide.rehearsal.building.workloads import (
    batch,
    disruption_budget,
    ordered,
    rollouts,
    update_strategy,
)
from kingtide.rehearsal.scenario import application_model
from kingtide.rehearsal.scenario.latency_table import to_latency
from kingtide.rehearsal.scenario.price_model import price_overrides
from kingtide.rehearsal.scenario.read import Scenario
from kingtide.roster.registry import ControllerRun
from kingtide.twin.definition import (
    Application,
    NodeGroup,
    Outage,
    WorldDefinition,
)
from kingtide.twin.requests import Requests


def build_world(scenario: Scenario) -> WorldDefinition:
    """Return the world of a scenario; the same scenario and seed give the same value."""
    policy = hpa_policy(scenario)
    priorities = {DEFAULT_PRIORITY_CLASS: 0, **scenario.cluster.spec.priority_classes}
    applications = tuple(
        _application(name, written, scenario, policy, priorities)
        for name, written in scenario.spec.applications.items()
    )
    pauses = pause_pods(scenario)
    node_autoscaling = node_autoscaling_policy(scenario)
    controllers: list[ControllerRun] = []
    config_maps = [pause.config_map for pause in pauses]
    if node_autoscaling is not None:
        namespace, _, name = node_autoscaling.priority_config_map.partition("/")
        config_maps.append(ConfigMap(namespace, name, {PRIORITIES_KEY: PRIORITIES}))
        controllers.append(ControllerRun("nodeAutoscaling", node_autoscaling))
    controllers += [ControllerRun("overprovisioning", pause.policy) for pause in pauses]
    others = other_controllers(scenario)
    check_texts(scenario, others)
    controllers += others
    controllers += downscaling_run(scenario)
    return WorldDefinition(
        cluster_name=scenario.cluster.name,
        seed=scenario.seed,
        start_ms=scenario.clock.start_ms,
        end_ms=scenario.clock.end_ms,
        warm_up_ms=scenario.clock.warm_up_ms,
        node_groups=_node_groups(scenario),
        applications=(*applications, *(pause.application for pause in pauses)),
        daemon_sets=tuple(
            _daemon_set(name, written) for name, written in scenario.spec.daemon_sets.items()
        ),
        priority_classes=tuple(
            PriorityClass(name, value, global_default=name == DEFAULT_PRIORITY_CLASS)
            for name, value in priorities.items()
        ),
        config_maps=tuple(config_maps),
        namespaces=labelled(scenario, namespaces(scenario)),
        admission=admission(scenario),
        disruption_budgets=tuple(
            budget
            for name, written in scenario.spec.applications.items()
            if (budget := disruption_budget(name, written)) is not None
        ),
        outages=scenario.outages,
        latencies=scenario.latencies,
        prices=price_overrides(scenario.spec.cloud.prices),
        cloud=scenario.conditions,
        ingress=scenario.ingress,
        contention=contention(scenario.spec.contention),
        dns=dns_conditions(
            scenario.spec.dns,
            scenario.cluster.spec.dns,
            admission(scenario),
            scenario.spec.applications,
        ),
        controllers=tuple(controllers),
        disruption=disruption_policy(scenario),
        scheduler=scheduler_policy(scenario),
    )


def _node_groups(scenario: Scenario) -> tuple[NodeGroup, ...]:
    found = []
    for expanded in scenario.groups:
        running = scenario.initial_nodes[expanded.group.name]
        found.append(
            NodeGroup(
                group=scaling_group(expanded.group, running, scenario.spec.cloud),
                labels=expanded.labels,
                taints=expanded.taints,
                running=running,
            )
        )
    return tuple(found)


def _application(
    name: str,
    written: application_model.Application,
    scenario: Scenario,
    policy: HpaPolicy,
    priorities: dict[str, int],
) -> Application:
    clock = scenario.clock
    hpa, startup = written.hpa, written.startup
    fewest = 1 if hpa is None else hpa.min
    front = written.depends_on
    cluster = scenario.cluster.spec
    template = application_template(name, written, cluster, priorities)
    return Application(
        namespace=written.namespace,
        name=name,
        priority_class=written.priority_class,
        template=template,
        replicas=fewest if written.replicas is None else written.replicas,
        demand=scenario.demands.get(name, ()),
        idle_millicores=written.usage or 0,
        ready_after_ms=None if startup.ready_after is None else to_latency(startup.ready_after),
        startup_millicores=startup.cpu,
        stops_after_ms=None if written.stops_after is None else to_latency(written.stops_after),
        autoscaler=None if hpa is None else autoscaler(written.namespace, name, hpa, policy),
        depends_on=None if front is None else _key(front, scenario),
        outages=tuple(
            Outage(clock.next_ms(o.begin), clock.next_ms(o.until)) for o in written.outages
        ),
        update=update_strategy(written),
        rollouts=rollouts(name, written, cluster, priorities, clock),
        ordered=ordered(written),
        batch=batch(written, template, clock),
        memory=memory_use(written.memory_use),
        annotations=written.annotations,
        requests=_requests(written),
    )


def _requests(written: application_model.Application) -> Requests | None:
    it = written.ingress
    if it is None:
        return None
    return Requests(it.host, it.path, it.cpu_per_request, it.takes, it.serves_while_ending)


def _key(name: str, scenario: Scenario) -> str:
    return f"{scenario.spec.applications[name].namespace}/{name}"


def _daemon_set(name: str, written: daemon_set.DaemonSet) -> DaemonSet:
    return DaemonSet(
        namespace=written.namespace,
        name=name,
        uid=f"daemonset/{written.namespace}/{name}",
        template=daemon_template(name, written),
        selector=LabelSelector(match_labels=((APP_LABEL, name),)),
    )
