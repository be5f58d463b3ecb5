"""Figures of capacity: node-hours, the fallback to on-demand, ready pods that demand lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kingtide.aws.autoscaling import Lifecycle
from kingtide.rehearsal.derived_series import longest_above_zero
from kingtide.rehearsal.fallback import Fallback
from kingtide.rehearsal.figure_spec import FigureSpec, Measure
from kingtide.rehearsal.measurements import LIFECYCLES, Measurements
from kingtide.twin.definition import Application


def below_demand(applications: Sequence[Application]) -> Iterator[FigureSpec]:
    """Yield what each application lacked of ready pods for its demand."""
    for application in applications:
        if not application.demand:
            continue
        name = application.name
        series = f"app.{name}.below_demand"
        yield FigureSpec(
            f"below_demand.{name}.max_pods",
            "pods",
            f"{name}: most ready pods that its demand lacked",
            _most(series),
        )
        yield FigureSpec(
            f"below_demand.{name}.max_seconds",
            "seconds",
            f"{name}: longest time with fewer ready pods than its demand needs",
            _longest(series),
        )


def node_hours() -> Iterator[FigureSpec]:
    """Yield how long nodes were Ready, added up."""
    for label, words, names in (
        ("total", "Ready nodes", ("nodes.spot", "nodes.on_demand")),
        ("spot", "Ready spot nodes", ("nodes.spot",)),
        ("on_demand", "Ready on-demand nodes", ("nodes.on_demand",)),
    ):
        yield FigureSpec(
            f"node_hours.{label}",
            "hours",
            f"{words}, hours added up",
            _hours(names),
        )


def instance_hours() -> Iterator[FigureSpec]:
    """Yield how long instances were billed, added up: from running to shutting down, to the ms."""
    names: tuple[tuple[str, str, tuple[Lifecycle, ...]], ...] = (
        ("total", "instances", LIFECYCLES),
        ("spot", "spot instances", ("spot",)),
        ("on_demand", "on-demand instances", ("on-demand",)),
    )
    for label, words, lifecycles in names:
        yield FigureSpec(
            f"instance_hours.{label}",
            "hours",
            f"{words}, billed hours added up",
            _billed_hours(lifecycles),
        )


def oldest_on_demand() -> Iterator[FigureSpec]:
    """Yield how old an on-demand node got that spot could serve for."""
    yield FigureSpec(
        "on_demand.oldest_seconds",
        "seconds",
        "greatest age of an on-demand node whose application group has spot groups",
        lambda run: None if run.oldest_on_demand_ms is None else run.oldest_on_demand_ms / 1000,
    )


def fallback() -> Iterator[FigureSpec]:
    """Yield the parts of a fallback to on-demand."""
    yield FigureSpec(
        "fallback.requested_seconds",
        "seconds",
        "from the last spot group's first failed launch to the first on-demand request",
        _since_failure(lambda it: it.requested_ms),
    )
    yield FigureSpec(
        "fallback.running_seconds",
        "seconds",
        "from there to the last waiting pod that runs",
        _between(lambda it: it.requested_ms, lambda it: it.running_ms),
    )


def _most(series: str) -> Measure:
    return lambda run: max(run.series[series])


def _longest(series: str) -> Measure:
    return lambda run: longest_above_zero(run.series[series], run.step_seconds)


def _billed_hours(lifecycles: Sequence[Lifecycle]) -> Measure:
    return lambda run: sum(run.instance_ms[it] for it in lifecycles) / 3_600_000


def _hours(names: Sequence[str]) -> Measure:
    """Measure node-hours; a value of a series holds for the step after it."""

    def measure(run: Measurements) -> float:
        return sum(sum(run.series[name][:-1]) for name in names) * run.step_seconds / 3600

    return measure


def _since_failure(
    until: Callable[[Fallback], int | None],
) -> Measure:
    return _between(lambda it: it.failed_ms, until)


def _between(
    since: Callable[[Fallback], int | None], until: Callable[[Fallback], int | None]
) -> Measure:
    def measure(run: Measurements) -> float | None:
        if run.fallback is None:
            return None
        begun, ended = since(run.fallback), until(run.fallback)
        return None if begun is None or ended is None else max(0, ended - begun) / 1000

    return measure
