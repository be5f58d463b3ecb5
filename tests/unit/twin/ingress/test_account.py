"""Requests, counted exactly."""

from __future__ import annotations

from kingtide.twin.ingress.account import MICRO, Account
from kingtide.twin.ingress.chances import NOBODY, chances


def test_demand_divided_by_the_cpu_of_one_request_are_the_requests() -> None:
    account = Account(cpu_ms=20, start_ms=1_000)
    account.meet(1_000, chances(4, 0, 3), has_rule=True)
    account.demand(1_000, 10_000)  # ten cores: 500 requests a second
    found = account.counts(3_000)
    assert found.requests == 1_000 * MICRO
    assert found.failed == found.retries == 0


def test_each_time_counts_by_what_requests_met_then() -> None:
    account = Account(cpu_ms=10, start_ms=0)
    account.demand(0, 1_000)  # 100 requests a second
    met = ((1_000, chances(4, 1, 0)), (2_000, chances(4, 1, 3)), (3_000, NOBODY))
    for at_ms, found in met:  # until the first of them there is no rule
        account.meet(at_ms, found, has_rule=True)
    account.meet(4_000, chances(4, 0, 3), has_rule=True)
    counts = account.counts(10_000)
    assert counts.requests == 1_000 * MICRO
    assert (counts.no_rule, counts.refused, counts.no_server) == (
        100 * MICRO,
        25 * MICRO,
        100 * MICRO,
    )
    assert (counts.retries, counts.redispatches) == (25 * MICRO, 25 * MICRO)
    assert counts.failed == 225 * MICRO


def test_counting_more_often_counts_the_same() -> None:
    once, often = Account(7, 0), Account(7, 0)
    for it in (once, often):
        it.demand(0, 3_333)
        it.meet(0, chances(7, 3, 1), has_rule=True)
    for at_ms in range(0, 10_000, 13):
        often.counts(at_ms)
    assert once.counts(10_000) == often.counts(10_000)


def test_what_is_under_way_at_one_of_several_servers_is_lost_with_it() -> None:
    account = Account(cpu_ms=10, start_ms=0)
    account.demand(0, 10_000)  # 1,000 requests a second, 100 under way, 25 at each of four
    account.cut(takes_ms=100, servers=4)
    assert account.counts(0).cut == 25 * MICRO
