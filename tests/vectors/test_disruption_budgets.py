"""disruption_budgets.json: how many nodes may be disrupted for which reason, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whenever import OffsetDateTime

from kingtide.control.budget import (
    NOTHING_ALLOWED,
    Budget,
    BudgetUnreadable,
    allowed,
    is_active,
    read_budget,
)
from kingtide.fleet.policies.disruption import DisruptionBudget
from kingtide.kube.durations import parse_duration_ms
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("disruption_budgets")


def now_ms(text: str) -> int:
    return OffsetDateTime.parse_iso(text).timestamp(unit="millisecond")


def seconds(text: str) -> int:
    duration_ms = parse_duration_ms(text)
    assert duration_ms is not None
    return duration_ms // 1000


def budget(written: Mapping[str, Any]) -> Budget:
    given = only_known(written, "nodes", "schedule", "duration", "reasons")
    try:
        return read_budget(
            DisruptionBudget(
                given["nodes"],
                given["schedule"],
                seconds(given["duration"]),
                tuple(given["reasons"] or ()),
            )
        )
    except BudgetUnreadable:
        return NOTHING_ALLOWED


@vectors.cases("allowed_cases", partial=("allowed",))
def test_nodes_allowed_by_reason(case: Case) -> Mapping[str, Any]:
    given = only_known(case.input, "now", "total_nodes", "budgets")
    budgets = [budget(it) for it in given["budgets"]]
    at_ms = now_ms(given["now"])
    reasons = ("Drifted", "Underutilized", "Empty", "Expired", "Degraded")
    return {"allowed": {it: allowed(budgets, it, given["total_nodes"], at_ms) for it in reasons}}


@vectors.cases("active_cases")
def test_times_at_which_a_budget_holds(case: Case) -> Mapping[str, Any]:
    given = only_known(case.input, "now", "schedule", "duration")
    written = DisruptionBudget("1", given["schedule"], seconds(given["duration"]))
    return {"active": is_active(read_budget(written), now_ms(given["now"]))}
