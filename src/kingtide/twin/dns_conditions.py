"""What a world's name resolution is: how much is asked, and what each part of the way can bear."""

from __future__ import annotations

import msgspec


class NodeCache(msgspec.Struct, frozen=True):
    """A cache on every node: so many of a hundred queries it answers itself, and how many at most.

    `queries_per_second` is of one node.
    """

    hit_percent: int
    queries_per_second: int


class CoreDns(msgspec.Struct, frozen=True):
    """CoreDNS: its replicas are the ready pods of `application` (`namespace/name`), or `replicas`.

    `queries_per_second` and the bytes are of one replica: `base_bytes` always, and
    `bytes_per_query` for each query that waits. Above `limit_bytes` all of them are killed, and
    come back after `restart_ms`, each time twice as long as before. `hit_percent` of queries for
    names of the outside are in its own cache.
    """

    application: str | None
    replicas: int
    queries_per_second: int
    hit_percent: int
    base_bytes: int
    bytes_per_query: int
    limit_bytes: int
    restart_ms: int


class DnsConditions(msgspec.Struct, frozen=True):
    """Name resolution; amounts are for each second in which one core is demanded.

    `lookups` are made; `through_cluster` of them have queries for names of the cluster (searched
    ones among them), `cluster_queries` in all; `outside` are for names of the outside, which takes
    `outside_queries` of the VPC's resolver. `cache` None: pods ask CoreDNS.
    """

    lookups: int
    through_cluster: int
    cluster_queries: int
    outside: int
    outside_queries: int
    core_dns: CoreDns
    cache: NodeCache | None = None
    resolver_packets_per_second: int = 1024
    """Of each network interface. Source:
    https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html"""
    attempts: int = 2
    """How often a resolver asks, resolv.conf's `attempts`."""
    timeout_ms: int = 5_000
    """How long it waits each time, resolv.conf's `timeout`."""
