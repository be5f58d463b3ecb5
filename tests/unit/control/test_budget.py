from __future__ import annotations

import pytest

from kingtide.control.budget import (
    NOTHING_ALLOWED,
    BudgetUnreadable,
    Tally,
    allowed,
    is_active,
    is_disrupted,
    read_budget,
    read_budgets,
    room,
    tally,
    was_never_ready,
)
from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.control.removal_taint import TO_BE_DELETED
from kingtide.fleet.policies.disruption import DisruptionBudget, DisruptionPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition
from kingtide.kube.resources import NO_RESOURCES
from kingtide.kube.taints import Taint

DAY_MS = 86_400_000
NOW_MS = 20_000 * DAY_MS
HOUR_MS = 3_600_000


def node(name: str = "n", *, ready: str = "True", since_ms: int = NOW_MS - HOUR_MS) -> Node:
    status = Condition("True" if ready == "True" else "False", since_ms)
    return Node(name, f"uid/{name}", {}, NO_RESOURCES, NO_RESOURCES, NOW_MS - DAY_MS, status)


def with_claim(name: str, not_before_ms: int | None = None, *, is_cordoned: bool = False) -> Node:
    claim = DisruptionClaim("a", "Expired", NOW_MS, not_before_ms=not_before_ms)
    plain = node(name)
    return Node(
        plain.name, plain.uid, {}, NO_RESOURCES, NO_RESOURCES, plain.created_ms, plain.ready,
        unschedulable=is_cordoned, annotations={DISRUPTION_CLAIM: write_claim(claim)},
    )  # fmt: skip


def tainted(name: str) -> Node:
    plain = node(name)
    return Node(
        plain.name, plain.uid, {}, NO_RESOURCES, NO_RESOURCES, plain.created_ms, plain.ready,
        taints=(Taint(TO_BE_DELETED, "NoSchedule", "1"),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "nodes", "expected"),
    [
        pytest.param(3, 100, 3, id="a number"),
        pytest.param("3", 100, 3, id="a number as text"),
        pytest.param("10%", 41, 5, id="a percentage is rounded up"),
        pytest.param("0%", 100, 0, id="none at all"),
        pytest.param("100%", 7, 7, id="all"),
        pytest.param("100%", 1_000, 1_000, id="all of many"),
        pytest.param("50%", 1_000, 500, id="half of many"),
    ],
)
def test_a_budget_allows(written: int | str, nodes: int, expected: int) -> None:
    assert allowed([read_budget(DisruptionBudget(written))], "Expired", nodes, NOW_MS) == expected


@pytest.mark.parametrize(
    ("budget", "field"),
    [
        pytest.param(DisruptionBudget("101%"), "nodes", id="more than all"),
        pytest.param(DisruptionBudget("-1"), "nodes", id="less than none"),
        pytest.param(DisruptionBudget("some"), "nodes", id="a word"),
        pytest.param(DisruptionBudget(1, "* * *", 60), "schedule", id="three fields"),
        pytest.param(DisruptionBudget(1, "@daily"), "duration_seconds", id="no duration"),
        pytest.param(DisruptionBudget(1, None, 60), "schedule", id="no schedule"),
    ],
)
def test_a_budget_that_cannot_be_read_allows_nothing(budget: DisruptionBudget, field: str) -> None:
    with pytest.raises(BudgetUnreadable) as caught:
        read_budget(budget)
    assert caught.value.field == field
    assert read_budgets(DisruptionPolicy((DisruptionBudget(5), budget))) == (NOTHING_ALLOWED,)
    assert allowed((NOTHING_ALLOWED,), "Empty", 100, NOW_MS) == 0


def test_the_smallest_budget_that_names_the_reason_or_none_counts() -> None:
    budgets = read_budgets(
        DisruptionPolicy((DisruptionBudget(5), DisruptionBudget(2, reasons=("Expired",))))
    )
    assert allowed(budgets, "Expired", 100, NOW_MS) == 2
    assert allowed(budgets, "Empty", 100, NOW_MS) == 5
    assert allowed((), "Empty", 100, NOW_MS) is None


def test_what_the_cloud_takes_is_never_refused() -> None:
    assert allowed((NOTHING_ALLOWED,), "Interrupted", 100, NOW_MS) is None


@pytest.mark.parametrize(
    ("after_ms", "holds"),
    [
        pytest.param(-1, False, id="before it fires"),
        pytest.param(0, True, id="as it fires"),
        pytest.param(HOUR_MS - 1, True, id="at the end"),
        pytest.param(HOUR_MS, False, id="after its duration"),
    ],
)
def test_a_scheduled_budget_holds_from_when_it_fires_for_its_duration(
    after_ms: int, holds: bool
) -> None:
    nightly = read_budget(DisruptionBudget(0, "0 22 * * *", 3600))
    assert is_active(nightly, NOW_MS + 22 * HOUR_MS + after_ms) == holds


def test_nodes_count_as_disrupted_while_somebody_empties_them_or_they_are_broken() -> None:
    assert not is_disrupted(node())
    assert is_disrupted(with_claim("c"))
    assert is_disrupted(tainted("t"))
    assert is_disrupted(node(ready="False"))


def test_a_claim_at_rest_does_not_count_until_its_owner_claims_anew() -> None:
    assert not is_disrupted(with_claim("c", not_before_ms=NOW_MS + 1))
    assert not is_disrupted(with_claim("c", not_before_ms=NOW_MS - 1))


def test_a_claim_at_rest_counts_until_the_cordon_of_its_node_is_taken_away() -> None:
    assert is_disrupted(with_claim("c", not_before_ms=NOW_MS + 1, is_cordoned=True))


def test_granted_claims_count_before_they_are_seen_and_once_only() -> None:
    nodes = [node("a"), node("b"), with_claim("c"), node("d", ready="False")]
    assert tally(nodes) == Tally(4, 2)
    assert tally(nodes, ("a", "c", "gone")) == Tally(4, 3)


def test_a_node_that_was_never_ready_counts_neither_way() -> None:
    starting = node("s", ready="False", since_ms=NOW_MS - DAY_MS)
    assert tally([node("a"), starting]) == Tally(1, 0)


@pytest.mark.parametrize(
    ("ready", "changed_after_ms", "never"),
    [
        pytest.param("False", 119_999, True, id="not Ready since just within two minutes"),
        pytest.param("False", 120_000, False, id="not Ready since two minutes after it was made"),
        pytest.param("False", -1, True, id="a condition older than its node"),
        pytest.param("True", 0, False, id="Ready from the first moment"),
    ],
)
def test_a_node_was_never_ready_when_its_condition_last_changed_within_two_minutes(
    ready: str, changed_after_ms: int, never: bool
) -> None:
    assert was_never_ready(node(ready=ready, since_ms=NOW_MS - DAY_MS + changed_after_ms)) == never


def test_room_is_what_the_budget_leaves_and_never_negative() -> None:
    budgets = (read_budget(DisruptionBudget(3)),)
    assert room(budgets, "Empty", Tally(50, 1), NOW_MS) == 2
    assert room(budgets, "Empty", Tally(50, 9), NOW_MS) == 0
    assert room((), "Empty", Tally(50, 9), NOW_MS) is None
    assert room(budgets, "Interrupted", Tally(50, 9), NOW_MS) is None
