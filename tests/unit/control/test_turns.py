from __future__ import annotations

import pytest

from kingtide.control.claims import (
    DISRUPTION_CLAIM,
    DisruptionClaim,
    DisruptionReason,
    write_claim,
)
from kingtide.control.removal_taint import TO_BE_DELETED
from kingtide.control.turns import claims_ahead, granted_claim, has_begun
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition
from kingtide.kube.resources import NO_RESOURCES
from kingtide.kube.taints import Taint

NOW_MS = 1_700_000_000_000
OLD_MS = NOW_MS - 3_600_000
REMOVAL = (Taint(TO_BE_DELETED, "NoSchedule", "1"),)


def claimed(
    name: str = "n",
    since_ms: int = NOW_MS,
    reason: DisruptionReason = "Expired",
    *,
    is_cordoned: bool = False,
    taints: tuple[Taint, ...] = (),
    not_before_ms: int | None = None,
    ready: Condition | None = None,
) -> Node:
    claim = DisruptionClaim("a", reason, since_ms, not_before_ms=not_before_ms)
    return Node(
        name,
        f"uid/{name}",
        {},
        NO_RESOURCES,
        NO_RESOURCES,
        OLD_MS,
        ready or Condition("True", OLD_MS),
        unschedulable=is_cordoned,
        taints=taints,
        annotations={DISRUPTION_CLAIM: write_claim(claim)},
    )


def unclaimed(name: str) -> Node:
    ready = Condition("True", OLD_MS)
    return Node(name, f"uid/{name}", {}, NO_RESOURCES, NO_RESOURCES, OLD_MS, ready)


@pytest.mark.parametrize(
    ("node", "is_granted"),
    [
        pytest.param(claimed(), True, id="a claim"),
        pytest.param(claimed(reason="Interrupted"), False, id="what the cloud takes"),
        pytest.param(claimed(not_before_ms=NOW_MS), False, id="a claim at rest"),
        pytest.param(unclaimed("n"), False, id="no claim"),
    ],
)
def test_the_budget_grants(node: Node, is_granted: bool) -> None:
    assert (granted_claim(node) is not None) is is_granted


@pytest.mark.parametrize(
    ("node", "begun"),
    [
        pytest.param(claimed(), False, id="only claimed"),
        pytest.param(claimed(is_cordoned=True), True, id="cordoned"),
        pytest.param(claimed(taints=REMOVAL), True, id="tainted for its removal"),
    ],
)
def test_emptying_has_begun(node: Node, begun: bool) -> None:
    assert has_begun(node) is begun


@pytest.mark.parametrize(
    ("other", "ahead"),
    [
        pytest.param(claimed("m", NOW_MS - 1), 1, id="claimed earlier"),
        pytest.param(claimed("m", NOW_MS + 1), 0, id="claimed later"),
        pytest.param(claimed("m"), 1, id="at the same time, earlier by name"),
        pytest.param(claimed("o"), 0, id="at the same time, later by name"),
        pytest.param(claimed("o", NOW_MS + 1, is_cordoned=True), 1, id="later, and begun"),
        pytest.param(claimed("m", NOW_MS - 1, not_before_ms=NOW_MS), 0, id="earlier, at rest"),
        pytest.param(
            claimed("m", NOW_MS - 1, ready=Condition("False", OLD_MS)), 0, id="never Ready"
        ),
        pytest.param(unclaimed("m"), 0, id="unclaimed"),
    ],
)
def test_a_claim_goes_before_another_one(other: Node, ahead: int) -> None:
    node = claimed("n")
    assert claims_ahead((node, other), node) == ahead


def test_of_two_claims_of_one_moment_the_first_by_name_goes_first() -> None:
    first, second = claimed("a"), claimed("b")
    assert (claims_ahead([first, second], first), claims_ahead([first, second], second)) == (0, 1)
