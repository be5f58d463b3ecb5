"""The figures of a run: every name with its unit, its title and how it is measured, once.

`catalogue` needs the definition only, so that expectations can be checked before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from kingtide.control.action import SetDesiredCapacity, TerminateInstance
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.rehearsal import (
    capacity_figures,
    cloud_figures,
    dns_figures,
    request_figures,
    scarcity_figures,
)
from kingtide.rehearsal.figure_spec import FigureSpec, Measure
from kingtide.rehearsal.measurements import Measurements
from kingtide.rehearsal.record import Figure
from kingtide.twin.cluster.availability import Tally
from kingtide.twin.definition import Application, WorldDefinition

Choose = Callable[[Sequence[float]], float]


def catalogue(definition: WorldDefinition) -> tuple[FigureSpec, ...]:
    """Return every figure of a world, in the order in which tables show them."""
    return (
        *_unavailability(definition),
        *_starts(definition),
        *_waits(definition),
        *capacity_figures.below_demand(applications(definition)),
        *request_figures.requests(definition),
        *_nodes(),
        *capacity_figures.node_hours(),
        *capacity_figures.instance_hours(),
        *capacity_figures.oldest_on_demand(),
        *cloud_figures.zones(),
        *cloud_figures.reclaimed(definition),
        *scarcity_figures.starved(definition),
        *scarcity_figures.killed(definition),
        *dns_figures.dns(definition),
        *_money_and_cpu(definition),
        *cloud_figures.traffic(definition),
        *_autoscaling(definition),
    )


def measured(specs: Sequence[FigureSpec], run: Measurements) -> Mapping[str, Figure]:
    """Return the figures of a run by name."""
    return {spec.name: Figure(_rounded(spec.measure(run)), spec.unit, spec.title) for spec in specs}


def applications(definition: WorldDefinition) -> tuple[Application, ...]:
    """Return the applications without pause pods, which are there to be unavailable."""
    pauses = [policy.deployment for policy in _pauses(definition)]
    return tuple(a for a in definition.applications if a.key not in pauses)


def _pauses(definition: WorldDefinition) -> tuple[OverprovisioningPolicy, ...]:
    return definition.policies("overprovisioning", OverprovisioningPolicy)


def classes_by_priority(definition: WorldDefinition) -> tuple[str, ...]:
    """Return the priority classes that applications use, the highest first."""
    priorities = {a.priority_class: a.template.spec.priority for a in applications(definition)}
    return tuple(sorted(priorities, key=lambda name: (-priorities[name], name)))


def _rounded(value: float | None) -> float | None:
    """Return a value to the thousandth, which is the millisecond of every time."""
    return None if value is None else round(float(value), 3)


def _of_class(name: str) -> Callable[[Measurements], Tally]:
    return lambda run: run.classes[name]


def _of_application(key: str) -> Callable[[Measurements], Tally]:
    return lambda run: run.applications[key]


def _start(key: str, percent: int) -> Measure:
    return lambda run: _percentile(run.starts_ms.get(key, ()), percent)


def _pending(name: str) -> Measure:
    return lambda run: run.pending_ms[name] / 1000


def _unserved(key: str) -> Measure:
    return lambda run: run.unserved_core_ms[key] / 1000


def _chosen(series: str, choose: Choose) -> Measure:
    return lambda run: choose(run.series[series])


def _share(series: str, choose: Choose) -> Measure:
    return lambda run: choose(_shares(run, series))


def _unavailability(definition: WorldDefinition) -> Iterator[FigureSpec]:
    for name in classes_by_priority(definition):
        yield from _tally_figures(f"unavailable.{name}", f"priority {name}", _of_class(name))
    for application in applications(definition):
        yield from _tally_figures(
            f"unavailable.app.{application.name}",
            application.name,
            _of_application(application.key),
        )


def _tally_figures(
    prefix: str, what: str, tally: Callable[[Measurements], Tally]
) -> Iterator[FigureSpec]:
    yield FigureSpec(
        f"{prefix}.max_pods",
        "pods",
        f"{what}: most pods unavailable",
        lambda run: tally(run).max_unavailable,
    )
    yield FigureSpec(
        f"{prefix}.max_seconds",
        "seconds",
        f"{what}: longest time unavailable",
        lambda run: tally(run).longest_stretch_ms / 1000,
    )
    yield FigureSpec(
        f"{prefix}.total_pod_seconds",
        "seconds",
        f"{what}: unavailable, pods added up",
        lambda run: tally(run).unavailable_pod_ms / 1000,
    )


def _starts(definition: WorldDefinition) -> Iterator[FigureSpec]:
    for application in applications(definition):
        for label, percent, words in (
            ("p50", 50, "half of the pods ready within"),
            ("p90", 90, "nine in ten ready within"),
            ("max", 100, "all ready within"),
        ):
            yield FigureSpec(
                f"ready.{application.name}.{label}_seconds",
                "seconds",
                f"{application.name}: {words}",
                _start(application.key, percent),
            )


def _percentile(sorted_ms: Sequence[int], percent: int) -> float | None:
    """Return the smallest value that this share of values does not exceed, in seconds."""
    if not sorted_ms:
        return None
    rank = -(-len(sorted_ms) * percent // 100)
    return sorted_ms[rank - 1] / 1000


def _waits(definition: WorldDefinition) -> Iterator[FigureSpec]:
    for name in classes_by_priority(definition):
        yield FigureSpec(
            f"pending.{name}.max_seconds",
            "seconds",
            f"priority {name}: longest wait for a node",
            _pending(name),
        )
    yield FigureSpec(
        "node_wait.max_seconds",
        "seconds",
        "longest wait for a new node to be Ready",
        lambda run: None if not run.node_waits_ms else max(run.node_waits_ms) / 1000,
    )
    for application in applications(definition):
        if application.demand:
            yield FigureSpec(
                f"unserved.{application.name}.core_seconds",
                "core_seconds",
                f"{application.name}: demand not served",
                _unserved(application.key),
            )


def _nodes() -> Iterator[FigureSpec]:
    for lifecycle, words in (("spot", "spot"), ("on_demand", "on-demand")):
        series = f"nodes.{lifecycle}"
        for label, choose, title in (
            ("max", max, f"most Ready {words} nodes"),
            ("min", min, f"fewest Ready {words} nodes"),
            ("end", _last, f"Ready {words} nodes at the end"),
        ):
            yield FigureSpec(
                f"nodes.{label}.{lifecycle}",
                "nodes",
                title,
                _chosen(series, choose),
            )


def _last(values: Sequence[float]) -> float:
    return values[-1]


def _money_and_cpu(definition: WorldDefinition) -> Iterator[FigureSpec]:
    yield FigureSpec(
        "cost.total_usd",
        "usd",
        "instances, all",
        lambda run: (run.cost_micro_usd["spot"] + run.cost_micro_usd["on-demand"]) / 1e6,
    )
    yield FigureSpec(
        "cost.spot_usd", "usd", "spot instances", lambda run: run.cost_micro_usd["spot"] / 1e6
    )
    yield FigureSpec(
        "cost.on_demand_usd",
        "usd",
        "on-demand instances",
        lambda run: run.cost_micro_usd["on-demand"] / 1e6,
    )
    yield from _reserved("cpu.reserved_not_used", "all pods", "cores")
    for application in applications(definition):
        if application.demand or application.idle_millicores:
            name = application.name
            yield from _reserved(f"cpu.reserved_not_used.{name}", name, f"app.{name}")


def _reserved(prefix: str, what: str, series: str) -> Iterator[FigureSpec]:
    for label, choose, words in (("mean", _mean, "on average"), ("max", max, "at most")):
        yield FigureSpec(
            f"{prefix}.{label}_percent",
            "percent",
            f"{what}: reserved, not used, {words}",
            _share(series, choose),
        )


def _shares(run: Measurements, series: str) -> list[float]:
    requested = run.series[f"{series}.requested"]
    unused = run.series[f"{series}.reserved_not_used"]
    return [
        100 * not_used / cores if cores else 0.0
        for not_used, cores in zip(unused, requested, strict=True)
    ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _autoscaling(definition: WorldDefinition) -> Iterator[FigureSpec]:
    for application in applications(definition):
        if application.autoscaler is not None:
            yield from _hpa(application)
    if definition.policies("nodeAutoscaling", NodeAutoscalingPolicy):
        yield FigureSpec(
            "node_autoscaling.scale_ups",
            "count",
            "requests for more instances",
            lambda run: sum(
                isinstance(a, SetDesiredCapacity) and a.desired > a.expected_desired
                for a in run.actions_done
            ),
        )
        yield FigureSpec(
            "node_autoscaling.failed_requests",
            "count",
            "launches that failed",
            lambda run: run.marks.get("launch_failed", 0),
        )
        yield from capacity_figures.fallback()
        yield FigureSpec(
            "node_autoscaling.scale_downs",
            "count",
            "instances given back",
            lambda run: sum(isinstance(a, TerminateInstance) for a in run.actions_done),
        )
    yield FigureSpec(
        "scheduling.preemptions",
        "count",
        "pods that had to make room",
        lambda run: run.preemptions,
    )
    yield FigureSpec(
        "events", "count", "marks on the time axis", lambda run: sum(run.marks.values())
    )


def _hpa(application: Application) -> Iterator[FigureSpec]:
    name, key = application.name, application.key
    yield FigureSpec(
        f"hpa.{name}.max_replicas",
        "pods",
        f"{name}: most pods asked for",
        lambda run: max(run.series[f"app.{name}.replicas"]),
    )
    yield FigureSpec(
        f"hpa.{name}.rescales",
        "count",
        f"{name}: changes of the number of pods",
        lambda run: run.rescales[key],
    )
