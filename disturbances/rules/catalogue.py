"""All rules, in the order of a report."""

from __future__ import annotations

from disturbances.rules.capacity import CAPACITY_IS_SET_FROM_WHAT_IT_WAS, ONE_RAISES_CAPACITY
from disturbances.rules.leadership import ONLY_THE_LEADER_WRITES
from disturbances.rules.losses import NO_DECISION_IS_LOST
from disturbances.rules.messages import INTENTS_STAND_FIRST, MESSAGES_ARE_ACKNOWLEDGED_ONCE
from disturbances.rules.ownership import ONE_OWNER_A_FIELD
from disturbances.rules.repeats import EVICTIONS_NAME_THEIR_POD, NOTHING_IS_DONE_TWICE
from disturbances.rules.rule import Evidence, Rule, Violation

RULES: tuple[Rule, ...] = (
    ONLY_THE_LEADER_WRITES,
    NOTHING_IS_DONE_TWICE,
    EVICTIONS_NAME_THEIR_POD,
    CAPACITY_IS_SET_FROM_WHAT_IT_WAS,
    ONE_RAISES_CAPACITY,
    MESSAGES_ARE_ACKNOWLEDGED_ONCE,
    INTENTS_STAND_FIRST,
    ONE_OWNER_A_FIELD,
    NO_DECISION_IS_LOST,
)


def judged(evidence: Evidence) -> tuple[Violation, ...]:
    """Return everything that breaks a rule."""
    return tuple(Violation(rule.name, told) for rule in RULES for told in rule.judge(evidence))
