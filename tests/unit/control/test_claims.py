"""Claims as annotations."""

from __future__ import annotations

import pytest

from kingtide.control.claims import (
    CAPACITY_CLAIM,
    DISRUPTION_CLAIM,
    CapacityClaim,
    DisruptionClaim,
    capacity_claim,
    disruption_claim,
    write_claim,
)


def test_a_disruption_claim_is_read_as_it_was_written() -> None:
    claim = DisruptionClaim("ondemand_reclaim", "Expired", 1_000, 3, 9_000)

    assert disruption_claim({DISRUPTION_CLAIM: write_claim(claim)}) == claim


def test_a_capacity_claim_is_read_as_it_was_written() -> None:
    claim = CapacityClaim("spot_interruption", 1_000, 121_000)

    assert capacity_claim({CAPACITY_CLAIM: write_claim(claim)}) == claim


@pytest.mark.parametrize("value", ["", "yes", "{}", '{"by": 1}', '["a"]', "\udcff"])
def test_a_claim_that_somebody_spoilt_is_none(value: str) -> None:
    assert disruption_claim({DISRUPTION_CLAIM: value}) is None
    assert capacity_claim({CAPACITY_CLAIM: value}) is None


@pytest.mark.parametrize("attempt", ["0", "-3", "1000001", "9" * 30, '"2"'])
def test_a_claim_with_an_attempt_that_nobody_counted_is_none(attempt: str) -> None:
    claim = write_claim(DisruptionClaim("ondemand_reclaim", "Expired", 1_000, 2))
    spoilt = claim.replace('"attempt":2', f'"attempt":{attempt}')
    assert spoilt != claim
    assert disruption_claim({DISRUPTION_CLAIM: spoilt}) is None


def test_a_node_without_the_annotation_has_no_claim() -> None:
    assert disruption_claim({}) is None
    assert capacity_claim({}) is None
