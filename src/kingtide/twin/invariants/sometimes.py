"""What game days must reach now and then: conditions that prove that the hard paths were walked.

An invariant that was never in danger proves nothing; each of these says where the danger is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from kingtide.control.action import SetDesiredCapacity
from kingtide.control.outcome import Outcome

if TYPE_CHECKING:
    from kingtide.twin.world import World

BACKED_OFF = (
    "NoCapacity",
    "LaunchFailed",
    "NoInstanceSeen",
    "ProvisioningTimedOut",
    "NodesNeverJoined",
)
"""Codes of verdicts by which a group is left alone for a while."""
GAVE_UP = ("RemovalFailed", "DrainFailed", "DrainGivenUp", "GivenBack")
"""Codes of verdicts by which a node that could not be emptied takes pods again."""
LOST = ("ArbitrationLost", "DisruptionBudget")
"""Codes of outcomes by which one controller yields to another or to the shared budget."""


class Sometimes(msgspec.Struct, frozen=True):
    """A condition that a run may reach; `count` says how often it did, when the run is over."""

    name: str
    sentence: str
    count: Callable[[World], int]


def _outcomes(world: World) -> Iterator[Outcome]:
    for decision in world.journal.decisions:
        yield from decision.outcomes


def _fallbacks(world: World) -> int:
    on_demand = {
        it.group.name for it in world.definition.node_groups if it.group.lifecycle == "on-demand"
    }
    return sum(
        outcome.status == "done"
        and isinstance(outcome.action, SetDesiredCapacity)
        and outcome.action.group in on_demand
        and outcome.action.desired > outcome.action.expected_desired
        for outcome in _outcomes(world)
    )


def _partial_fulfilments(world: World) -> int:
    """Launches of which some came and some failed, at one instant in one group."""
    found = 0
    for mark in world.journal.marks:
        if mark.kind != "launch_failed":
            continue
        activities = world.cloud.view.activities_since(mark.subject, mark.at_ms)
        found += any(
            it.start_ms == mark.at_ms
            and it.status != "Failed"
            and it.description.startswith("Launching")
            for it in activities
        )
    return found


def _verdicts(codes: tuple[str, ...]) -> Callable[[World], int]:
    def count(world: World) -> int:
        return sum(
            verdict.code in codes
            for decision in world.journal.decisions
            for verdict in decision.report.verdicts
        )

    return count


SOMETIMES: tuple[Sometimes, ...] = (
    Sometimes("fallback-to-on-demand", "An on-demand group was asked for nodes.", _fallbacks),
    Sometimes("preemption", "A pod was preempted.", lambda world: world.scheduler.preemptions),
    Sometimes(
        "partial-fulfilment",
        "Of the instances that a group launched at once some came and some did not.",
        _partial_fulfilments,
    ),
    Sometimes("back-off", "A group was left alone after a failure.", _verdicts(BACKED_OFF)),
    Sometimes(
        "drain-given-up", "A node that was being emptied was given back.", _verdicts(GAVE_UP)
    ),
    Sometimes(
        "lifecycle-timeout",
        "A lifecycle hook's wait ended because nobody answered in time.",
        lambda world: world.cloud.lifecycle_timeouts,
    ),
    Sometimes(
        "arbitration-lost",
        "A controller yielded to another one or to the shared disruption budget.",
        lambda world: sum(outcome.code in LOST for outcome in _outcomes(world)),
    ),
)


def reached(world: World) -> dict[str, int]:
    """Return how often each condition was reached in a run that is over."""
    return {it.name: it.count(world) for it in SOMETIMES}
