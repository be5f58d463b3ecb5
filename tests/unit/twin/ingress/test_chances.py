"""What becomes of requests to servers of which some are dead."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingtide.twin.ingress.chances import NOBODY, WHOLE, chances


@pytest.mark.parametrize(
    ("servers", "dead", "retries", "failed", "tried"),
    [
        pytest.param(10, 0, 3, 0, 0, id="nobody is dead"),
        pytest.param(10, 1, 0, 0.1, 0, id="without retries the dead one's share fails"),
        pytest.param(10, 1, 1, 0, 0.1, id="the second try is at another"),
        pytest.param(3, 2, 1, 1 / 3, 2 / 3, id="which may be dead as well"),
        pytest.param(3, 2, 2, 1 / 6, 1, id="but is never the one before"),
        pytest.param(1, 1, 3, 1, 3, id="the only one is tried again and again"),
        pytest.param(2, 2, 3, 1, 3, id="all are dead"),
    ],
)
def test_tries_go_to_another_server(
    servers: int, dead: int, retries: int, failed: float, tried: float
) -> None:
    found = chances(servers, dead, retries)
    assert found.failed / WHOLE == pytest.approx(failed, abs=1e-8)
    assert found.retries / WHOLE == pytest.approx(tried, abs=1e-8)
    assert found.redispatches == (found.retries if servers > 1 else 0)


def test_without_a_server_nothing_is_tried() -> None:
    assert chances(0, 0, 3) is NOBODY


@given(st.integers(1, 5), st.integers(0, 5), st.integers(0, 3))
def test_the_chances_are_those_of_all_ways_that_tries_can_go(
    servers: int, dead: int, retries: int
) -> None:
    dead = min(dead, servers)
    failed = tried = Fraction(0)
    for way in product(range(servers), repeat=retries + 1):
        chance = Fraction(1, servers)
        for before, now in pairwise(way):
            if servers > 1:
                chance *= 0 if now == before else Fraction(1, servers - 1)
            else:
                chance *= 1
        answered = next((number for number, it in enumerate(way) if it >= dead), None)
        tried += chance * (retries if answered is None else answered)
        failed += chance if answered is None else 0
    found = chances(servers, dead, retries)
    assert abs(Fraction(found.failed, WHOLE) - failed) < Fraction(1, 10**8)
    assert abs(Fraction(found.retries, WHOLE) - tried) < Fraction(1, 10**8)
