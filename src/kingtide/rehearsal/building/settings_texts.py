"""Texts with a grammar of their own, in controllers' settings and annotations of a scenario.

A controller that cannot read one does nothing and says so in its report; whoever writes a scenario
is told before anything runs, with the place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from kingtide.controllers.ondemand_reclaim.conditions import parse_condition
from kingtide.controllers.ondemand_reclaim.node_filter import selection_of
from kingtide.controllers.prescaling.events import PRESCALE
from kingtide.controllers.prescaling.timetable import parse_calendar, parse_timetable
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.policies.dns_autoscaling import DnsAutoscalingPolicy, contradictions
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.rehearsal.building.downscaling import note_wrong
from kingtide.rehearsal.scenario.read import Scenario
from kingtide.roster.registry import ControllerRun

T = TypeVar("T")

Wrong = tuple[Path, str]


def check_texts(scenario: Scenario, controllers: tuple[ControllerRun, ...]) -> None:
    """Refuse texts that one of these controllers could not read.

    Raises:
        Mistakes: every one of them.
    """
    findings = Findings()
    for run in controllers:
        at: Path = ("spec", "policies", run.key)
        wrong: list[Wrong] = []
        if isinstance(run.policy, OndemandReclaimPolicy):
            wrong += _of_reclaim(run.policy, at)
        elif isinstance(run.policy, PrescalingPolicy):
            wrong += [*_of_calendar(run.policy.events, (*at, "events")), *_of_autoscalers(scenario)]
        elif isinstance(run.policy, DnsAutoscalingPolicy):
            wrong += [((*at, field), f"{it}; {to}") for field, it, to in contradictions(run.policy)]
        for path, told in wrong:
            note_wrong(findings, scenario.node, path, told)
    findings.raise_if_any()


def _of_reclaim(policy: OndemandReclaimPolicy, at: Path) -> Iterator[Wrong]:
    for index, text in enumerate(policy.conditions):
        yield from _refused(parse_condition, text, (*at, "conditions", index))
    labels = policy.node_labels
    field = "nodeLabels" if labels else "nodeLabelExpression"
    expression = policy.node_label_expression
    yield from _refused(lambda text: selection_of(labels, text), expression, (*at, field))


def _of_calendar(events: tuple[str, ...], at: Path) -> Iterator[Wrong]:
    each = [
        wrong
        for index, text in enumerate(events)
        for wrong in _refused(lambda text: parse_calendar((text,)), text, (*at, index))
    ]
    # What is wrong with all together (there are too many) is only told where each can be read.
    yield from each or _refused(parse_calendar, events, at)


def _of_autoscalers(scenario: Scenario) -> Iterator[Wrong]:
    for name, application in scenario.spec.applications.items():
        if application.hpa is None or PRESCALE not in application.hpa.annotations:
            continue
        path: Path = ("spec", "applications", name, "hpa", "annotations", PRESCALE)
        yield from _refused(parse_timetable, application.hpa.annotations[PRESCALE], path)


def _refused(read: Callable[[T], object], text: T, path: Path) -> Iterator[Wrong]:
    try:
        read(text)
    except ValueError as error:
        yield path, str(error)
