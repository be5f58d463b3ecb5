"""Missing instances, oldest first."""

from __future__ import annotations

import pytest

from kingtide.controllers.node_autoscaling.upcoming import Batch, renew

A, B = Batch(100, 2), Batch(200, 3)


@pytest.mark.parametrize(
    ("batches", "missing", "expected"),
    [
        pytest.param((), 2, (Batch(900, 2),), id="new ones are missing since now"),
        pytest.param((A, B), 5, (A, B), id="nothing changed"),
        pytest.param((A, B), 7, (A, B, Batch(900, 2)), id="more than known"),
        pytest.param((A, B), 4, (Batch(100, 1), B), id="one came: of the oldest"),
        pytest.param((A, B), 3, (B,), id="the oldest batch is complete"),
        pytest.param((A, B), 1, (Batch(200, 1),), id="and some of the next"),
        pytest.param((A, B), 0, (), id="all came"),
    ],
)
def test_what_arrives_counts_for_the_oldest_request(
    batches: tuple[Batch, ...], missing: int, expected: tuple[Batch, ...]
) -> None:
    assert renew(batches, missing, now_ms=900) == expected
