from __future__ import annotations

import msgspec
import pytest

from kingtide.twin.dns_conditions import CoreDns, DnsConditions, NodeCache
from kingtide.twin.load.names import WHOLE, answered

CORE = CoreDns(
    application=None,
    replicas=2,
    queries_per_second=10_000,
    hit_percent=90,
    base_bytes=0,
    bytes_per_query=1,
    limit_bytes=1_000_000,
    restart_ms=10_000,
)
# One lookup of the outside for each core-second, with ndots 5: six searched queries and two.
FIVE = DnsConditions(
    lookups=1, through_cluster=1, cluster_queries=6, outside=1, outside_queries=2, core_dns=CORE
)
ONE = msgspec.structs.replace(FIVE, through_cluster=0, cluster_queries=0)
CACHE = NodeCache(hit_percent=95, queries_per_second=10_000)


def cached(conditions: DnsConditions) -> DnsConditions:
    return msgspec.structs.replace(conditions, cache=CACHE)


@pytest.mark.parametrize(
    ("conditions", "cores", "core_dns", "resolver", "failed_percent"),
    [
        pytest.param(FIVE, 2_500, 20_000, 500, 0, id="all that two replicas bear"),
        pytest.param(FIVE, 5_000, 40_000, 1_000, 50, id="twice as much: half of it fails"),
        pytest.param(ONE, 5_000, 10_000, 1_000, 0, id="ndots 1 is a quarter"),
        # 20,480 of the outside pass CoreDNS' own cache; two interfaces take 2,048 of them.
        pytest.param(ONE, 10_000, 20_000, 2_000, 0, id="all that two interfaces bear"),
        pytest.param(cached(FIVE), 5_000, 1_500, 500, 0, id="a cache on the nodes"),
        pytest.param(cached(ONE), 5_000, 0, 500, 0, id="a cache, and nothing to search for"),
        pytest.param(FIVE, 0, 0, 0, 0, id="nobody asks"),
    ],
)
def test_what_reaches_each_part_and_what_fails(
    conditions: DnsConditions, cores: int, core_dns: int, resolver: int, failed_percent: int
) -> None:
    found = answered(conditions, cores * 1000, retried=0, replicas=2, nodes=100)
    assert (found.asked_of_core_dns, found.asked_of_resolver) == (core_dns, resolver)
    assert found.failed == failed_percent * WHOLE // 100


def test_with_a_cache_only_what_it_misses_can_fail_without_coredns() -> None:
    without = answered(FIVE, 1_000_000, retried=0, replicas=0, nodes=100)
    with_cache = answered(cached(FIVE), 1_000_000, retried=0, replicas=0, nodes=100)
    spared = answered(cached(ONE), 1_000_000, retried=0, replicas=0, nodes=100)
    assert without.failed == WHOLE
    assert with_cache.failed == 5 * WHOLE // 100
    assert spared.failed == 0


def test_an_interface_sends_so_many_packets_and_no_more() -> None:
    # One node asks for 40,960 of the outside; 2,048 are not in its cache, and half of them pass.
    large = msgspec.structs.replace(CACHE, queries_per_second=1_000_000)
    conditions = msgspec.structs.replace(ONE, cache=large)
    found = answered(conditions, 20_480_000, retried=0, replicas=2, nodes=1)
    assert found.asked_of_resolver == 2_048
    assert found.failed == 5 * WHOLE // 100 // 2


def test_a_cache_that_is_asked_too_much_fails_as_everything_does() -> None:
    found = answered(cached(ONE), 10_000_000, retried=0, replicas=2, nodes=1)
    assert found.failed == WHOLE // 2


def test_retries_come_on_top_and_are_not_retried_again() -> None:
    found = answered(FIVE, 2_500_000, retried=20_000, replicas=2, nodes=1)
    assert found.asked_of_core_dns == 40_000
    assert found.unanswered == 20_000
    assert found.first_unanswered == 10_000
