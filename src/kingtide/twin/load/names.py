"""How many lookups fail when so much is demanded: a fluid model, without state.

Queries are amounts a second. Each part of the way (the caches, CoreDNS, the VPC's resolver at each
network interface) answers what it can and the same share of everything, so that a lookup fails
with the share of each part that it needs and no cache spares it. Who gets no answer asks again,
which comes on top (`retried`). A lookup that needs a second try counts as failed: five seconds are
longer than a request waits.
"""

from __future__ import annotations

from typing import NamedTuple

from kingtide.twin.dns_conditions import DnsConditions

WHOLE = 1_000_000
"""Shares are in millionths."""


class Answered(NamedTuple):
    """What becomes of a second's lookups; amounts a second, the share in millionths.

    `asked_of_core_dns` has retries in it; `unanswered` of those and `first_unanswered` of what was
    asked for the first time had no answer of CoreDNS.
    """

    lookups: int
    failed: int
    asked_of_core_dns: int
    asked_of_resolver: int
    unanswered: int
    first_unanswered: int


def answered(
    conditions: DnsConditions, millicores: int, retried: int, replicas: int, nodes: int
) -> Answered:
    """Return what becomes of the lookups that a demand makes, of so many replicas and nodes."""
    lookups = conditions.lookups * millicores // 1000
    in_cluster = conditions.cluster_queries * millicores // 1000
    outside = conditions.outside_queries * millicores // 1000
    cache, core = conditions.cache, conditions.core_dns
    needs_resolver = _of(conditions.outside, conditions.lookups)
    if cache is None:
        cached, missed, interfaces, needs_core = WHOLE, WHOLE, replicas, WHOLE
        at_core = in_cluster + outside
        passed_on = (100 - core.hit_percent) * (WHOLE // 100)
        at_resolver = outside * passed_on // WHOLE
        needs_resolver = needs_resolver * passed_on // WHOLE
    else:
        cached = _of(nodes * cache.queries_per_second, in_cluster + outside)
        missed, interfaces = (100 - cache.hit_percent) * (WHOLE // 100), nodes
        needs_core = _of(conditions.through_cluster, conditions.lookups)
        at_core, at_resolver = in_cluster * missed // WHOLE, outside * missed // WHOLE
    asked = at_core + retried
    core_share = _of(replicas * core.queries_per_second, asked)
    resolver_share = _of(interfaces * conditions.resolver_packets_per_second, at_resolver)
    whole = _without(needs_core, core_share) * _without(needs_resolver, resolver_share) // WHOLE
    succeeds = cached * _without(missed, whole) // WHOLE
    return Answered(
        lookups=lookups,
        failed=WHOLE - succeeds if lookups else 0,
        asked_of_core_dns=asked,
        asked_of_resolver=at_resolver,
        unanswered=asked * (WHOLE - core_share) // WHOLE,
        first_unanswered=at_core * (WHOLE - core_share) // WHOLE,
    )


def _of(available: int, wanted: int) -> int:
    """Return the share of what is wanted that there is, all of it where nothing is wanted."""
    return WHOLE if available >= wanted else available * WHOLE // wanted


def _without(needing: int, share: int) -> int:
    """Return the share that is well where only some need a part that answers a share."""
    return WHOLE - needing * (WHOLE - share) // WHOLE
