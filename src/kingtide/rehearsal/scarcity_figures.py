"""Figures of scarcity: containers killed for memory, nodes silent for lack of CPU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kingtide.rehearsal.figure_spec import FigureSpec, Measure
from kingtide.rehearsal.measurements import Measurements
from kingtide.twin.definition import Application, WorldDefinition

_MOST_NAMED = 3
"""Applications that a note names: the rest have their own figures."""


def killed(definition: WorldDefinition) -> Iterator[FigureSpec]:
    """Yield how often containers were killed, where an application says what it holds."""
    measured = _with_memory(definition.applications)
    if not measured:
        return
    yield FigureSpec(
        "containers.killed",
        "count",
        "times that the containers of a pod were killed for memory",
        lambda run: sum(run.killed.values()),
    )
    for application in measured:
        yield FigureSpec(
            f"containers.killed.{application.name}",
            "count",
            f"{application.name}: times that the containers of a pod were killed for memory",
            _killed_of(application.key),
        )


def starved(definition: WorldDefinition) -> Iterator[FigureSpec]:
    """Yield how often nodes stopped reporting, where a scenario has contention."""
    if definition.contention is None:
        return
    yield FigureSpec(
        "nodes.starved",
        "count",
        "times that a node stopped reporting for lack of CPU",
        lambda run: run.marks.get("node_starved", 0),
    )


def scarcity_notes(killed: Mapping[str, int]) -> Iterator[str]:
    """Yield what a reader must know of containers killed, by application as `namespace/name`.

    The empty key stands for pods of no application.
    """
    counts = sorted(((count, key) for key, count in killed.items() if count), key=_most_first)
    total = sum(count for count, _ in counts)
    if not total:
        return
    named = [f"{count:,} of {key or 'DaemonSets'}" for count, key in counts[:_MOST_NAMED]]
    rest = sum(count for count, _ in counts[_MOST_NAMED:])
    named += [f"{rest:,} of others"] if rest else []
    times = "once" if total == 1 else f"{total:,} times"
    yield f"Containers were killed for memory {times}, as memoryUse has it: {', '.join(named)}."


def _most_first(counted: tuple[int, str]) -> tuple[int, str]:
    count, key = counted
    return -count, key


def _with_memory(applications: Sequence[Application]) -> tuple[Application, ...]:
    return tuple(it for it in applications if it.memory is not None)


def _killed_of(key: str) -> Measure:
    def measure(run: Measurements) -> float:
        return run.killed.get(key, 0)

    return measure
