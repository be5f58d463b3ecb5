"""No second instance for one claim: capacity is raised from the number that it was decided on."""

from __future__ import annotations

from collections.abc import Iterator

from disturbances.audit import Write, pid_of
from disturbances.rules.rule import Evidence, Rule
from kingtide.control.action import SetDesiredCapacity

NEAR_MS = 120_000
"""How far the time of an outcome may be from that of its write: the clock of a process that was cut
off runs on at the pace it last measured."""


def _asked(evidence: Evidence, write: Write) -> Iterator[SetDesiredCapacity]:
    """Yield what the process that wrote says it did to that group about then."""
    for entry in evidence.journals.get(pid_of(write.who), ()):
        for outcome in entry.outcomes:
            action = outcome.action
            if (
                isinstance(action, SetDesiredCapacity)
                and action.group == write.about[0]
                and str(action.desired) == str(write.sent["DesiredCapacity"])
                and abs(outcome.at_ms - write.at_ms) <= NEAR_MS
            ):
                yield action


def _judge(evidence: Evidence) -> list[str]:
    found = []
    for write in evidence.decided:
        if write.verb != "SetDesiredCapacity" or not write.accepted:
            continue
        before = write.beside.get("desiredCapacityBefore")
        asked = list(_asked(evidence, write))
        # A process that was killed may not have come to tell what it decided on.
        if asked and all(it.expected_desired != before for it in asked):
            expected = ", ".join(str(it.expected_desired) for it in asked)
            found.append(f"{write.told()}: from {before}, decided on {expected}")
    return found


def _one_raiser(evidence: Evidence) -> list[str]:
    found = []
    for entry in evidence.decisions:
        for outcome in entry.outcomes:
            action = outcome.action
            if outcome.status != "done" or not isinstance(action, SetDesiredCapacity):
                continue
            if action.desired > action.expected_desired and entry.controller != "node_autoscaling":
                found.append(f"{entry.controller} raised {action.group} to {action.desired}")
    return found


CAPACITY_IS_SET_FROM_WHAT_IT_WAS = Rule(
    "capacity-is-set-from-what-it-was",
    "Desired capacity is changed only from the number it was decided on: a request that knows"
    " nothing of another one asks for no second instance, and takes none away.",
    _judge,
)
ONE_RAISES_CAPACITY = Rule(
    "one-raises-capacity",
    "Only node_autoscaling raises desired capacity.",
    _one_raiser,
)
