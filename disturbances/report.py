"""What an evening is told as: counts, violations, and the line that replays it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from disturbances.evening import Course
from disturbances.rules.catalogue import RULES, judged
from disturbances.rules.leadership import terms
from disturbances.rules.losses import untold
from disturbances.rules.rule import Violation

LONGEST_LIST = 20
"""Violations of one rule that are told; result.json has all."""


class Result(msgspec.Struct, frozen=True):
    """The figures of an evening, and what broke a rule."""

    seed: int
    minutes: float
    took_seconds: int
    disturbances: Mapping[str, int]
    processes: int
    terms: int
    alarms: int
    connections_cut: int
    writes: int
    decisions: Mapping[str, int]
    """Accepted writes that carry out decisions, by what they do."""
    refused: int
    untold_of_killed: int
    """Accepted writes of processes that were killed before they told them."""
    most_nodes: int
    allowed_nodes: int
    violations: tuple[Violation, ...]


def result_of(
    course: Course, allowed_nodes: int, seed: int, minutes: float, seconds: float
) -> Result:
    """Judge an evening."""
    evidence = course.evidence
    violations = [*judged(evidence)]
    violations += [Violation("the-evening-ends-well", it) for it in course.unfinished]
    if course.most_nodes > allowed_nodes:
        told = f"{course.most_nodes} nodes at once, undisturbed and with a margin {allowed_nodes}"
        violations.append(Violation("no-more-nodes-than-undisturbed", told))
    decisions: dict[str, int] = {}
    for write in evidence.decided:
        if write.accepted:
            what = write.verb if write.is_cloud else f"{write.verb} {write.resource}"
            decisions[what] = decisions.get(what, 0) + 1
    return Result(
        seed=seed,
        minutes=minutes,
        took_seconds=round(seconds),
        disturbances=dict(sorted(course.done.items())),
        processes=course.starts,
        terms=len(terms(evidence)),
        alarms=course.alarms,
        connections_cut=course.cuts,
        writes=len(evidence.writes),
        decisions=dict(sorted(decisions.items())),
        refused=sum(not it.accepted for it in evidence.decided),
        untold_of_killed=len(untold(evidence)),
        most_nodes=course.most_nodes,
        allowed_nodes=allowed_nodes,
        violations=tuple(violations),
    )


def told(result: Result, speed: float) -> str:
    """Return a result as text."""
    lines = [
        "",
        f"{sum(result.disturbances.values())} disturbances: {_counts(result.disturbances)}",
        f"{result.processes} processes, {result.alarms} ended by the alarm of a write",
        f"{result.terms} terms of leaders, {result.connections_cut} connections cut",
        f"{result.writes} writes; decisions accepted: {_counts(result.decisions)}",
        f"refused: {result.refused}; untold by who was killed: {result.untold_of_killed}",
        f"{result.most_nodes} nodes at once, {result.allowed_nodes} allowed",
    ]
    names = [rule.name for rule in RULES] + [
        "the-evening-ends-well",
        "no-more-nodes-than-undisturbed",
    ]
    for name in names:
        broken = [it.told for it in result.violations if it.rule == name]
        lines.append(f"  {'✗' if broken else '✓'} {name}" + (f": {len(broken)}" if broken else ""))
        lines += [f"      {it}" for it in broken[:LONGEST_LIST]]
    if result.violations:
        lines.append(
            f"replay: python -m disturbances --seed {result.seed} --minutes {result.minutes:g}"
            f" --speed {speed:g}"
        )
    return "\n".join(lines)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items()) or "none"
