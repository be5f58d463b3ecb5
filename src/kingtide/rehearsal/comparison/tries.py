"""Which judged values are tried lower and higher, and in which scenarios they exist."""

from __future__ import annotations

from pathlib import Path

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.comparison.assumptions import assumptions
from kingtide.rehearsal.comparison.model import ComparisonSpec, Judgement
from kingtide.rehearsal.comparison.plan import Change, PlannedRow, Try
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.read import Options
from kingtide.twin.latencies import Latency

HALF, TWICE = 50, 200
"""In percent: wide enough to hold what a careful judgement can be wrong by."""


def planned_tries(
    spec: ComparisonSpec, rows: tuple[PlannedRow, ...], noter: Noter, *, whole: bool
) -> tuple[Try, ...]:
    """Return every judged value of the rows' scenarios, latencies before other judgements.

    A judgement that fits no scenario is a mistake where the rows are the `whole` comparison.
    """
    if spec.sensitivity is None:
        return ()
    scenarios = tuple(dict.fromkeys(row.scenario for row in rows if row.sensitivity))
    reference = spec.variants[spec.reference]
    found: dict[str, tuple[Latency, list[Path]]] = {}
    for scenario in scenarios:
        definition = prepare(scenario, Options(settings=reference)).definition
        for name, latency in assumptions(definition).items():
            found.setdefault(name, (latency, []))[1].append(scenario)
    latencies = tuple(
        Try(
            name=name,
            title=_told(latency),
            source=latency.source,
            low=Change(latency=name, percent=HALF),
            high=Change(latency=name, percent=TWICE),
            scenarios=tuple(where),
        )
        for name, (latency, where) in found.items()
    )
    judged = tuple(
        _judged(name, judgement, scenarios, reference)
        for name, judgement in spec.sensitivity.judgements.items()
    )
    for one in judged:
        if whole and not one.scenarios:
            at = ("spec", "sensitivity", "judgements", one.name)
            wrong = "its settings fit none of the scenarios"
            noter.note(at, wrong, "check their paths", key=True)
    return (*latencies, *(one for one in judged if one.scenarios))


def _judged(
    name: str, judgement: Judgement, scenarios: tuple[Path, ...], reference: tuple[str, ...]
) -> Try:
    """Return a judgement's try in the scenarios that have its fields."""
    where = tuple(one for one in scenarios if _applies(one, judgement, reference))
    low, high = Change(settings=judgement.low), Change(settings=judgement.high)
    return Try(name, judgement.title, None, low, high, where)


def _applies(scenario: Path, judgement: Judgement, reference: tuple[str, ...]) -> bool:
    try:
        for settings in (judgement.low, judgement.high):
            prepare(scenario, Options(settings=(*reference, *settings)))
    except Mistakes:
        return False
    return True


def _told(latency: Latency) -> str:
    """Return a latency's values: one, or the lowest, the middle and the highest."""
    if latency.is_constant:
        return f"{latency.points[0][1] / 1000:g} s"
    low, high = latency.points[0][1] / 1000, latency.points[-1][1] / 1000
    return f"{low:g} to {high:g} s, {latency.at(500_000) / 1000:g} s in the middle"
