"""How long a removal taint keeps others away."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.removal_taint import (
    TO_BE_DELETED,
    is_being_deleted,
    removal_since_ms,
)
from kingtide.kube.taints import Taint
from tests.unit.controlplane.scheduling.situations import node

SINCE_MS = 1_800_000_000_000


@pytest.mark.parametrize(
    ("value", "age_ms", "expected"),
    [
        pytest.param("1800000000", 299_999, True, id="as long as it may take"),
        pytest.param("1800000000", 300_000, False, id="a leftover"),
        pytest.param("soon", 0, False, id="no time"),
        pytest.param("99999999999999", 0, True, id="fourteen digits are read"),
        pytest.param("999999999999999", 0, False, id="fifteen are no time"),
    ],
)
def test_a_removal_taint_counts_for_as_long_as_a_removal_takes(
    value: str, age_ms: int, expected: bool
) -> None:
    tainted = msgspec.structs.replace(
        node("a"), taints=(Taint(TO_BE_DELETED, "NoSchedule", value),)
    )
    assert is_being_deleted(tainted, SINCE_MS + age_ms) is expected


def test_a_node_without_the_taint_is_not_being_deleted() -> None:
    assert not is_being_deleted(node("a"), SINCE_MS)


@pytest.mark.parametrize("value", ["soon", "", "-1", "999999999999999"])
def test_a_removal_without_a_time_began_at_no_time(value: str) -> None:
    assert removal_since_ms(Taint(TO_BE_DELETED, "NoSchedule", value)) == 0
