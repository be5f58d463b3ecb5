"""The cluster's DNS in a rehearsal, as a scenario writes it."""

from __future__ import annotations

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import (
    Bytes,
    Count,
    Name,
    Percent,
    PositiveCount,
    PositiveDurationMs,
    PositiveSeconds,
    Switch,
)


class NodeCache(Written):
    """The cache on every node, where the cluster has one."""

    hit_rate: Percent = 95
    """Of a hundred queries so many it answers itself. A dnsmasq (2.90) that was asked a thousand
    times for 21 names answered 98 % of them; a node's pods ask for more names."""
    queries_per_second: PositiveCount = 10_000
    """What one answers, a Guaranteed fifth of a core; judged."""


class CoreDns(Written):
    """CoreDNS, each of its replicas."""

    application: Name | None = None
    """The application whose ready pods it is, so that it can be scaled; when absent, `replicas`."""
    replicas: PositiveCount = 2
    """How many there are, for as long as the rehearsal runs."""
    queries_per_second: PositiveCount = 10_000
    """What one answers; judged: a third of what CoreDNS' own table has for names of the cluster on
    two cores (coredns/deployment, kubernetes/Scaling_CoreDNS.md)."""
    hit_rate: Percent = 90
    """Of a hundred queries for names of the outside so many are in its own cache; judged."""
    base_memory: Bytes = 60 * 1024**2
    """What it holds always; judged: its 54 MB, and what a small cluster has in pods and services
    (coredns/deployment, kubernetes/Scaling_CoreDNS.md)."""
    memory_per_query: Bytes = 5 * 1024
    """And for each query that waits; judged."""
    memory_limit: Bytes = 170 * 1024**2
    """Above it, it is killed; the default is that of Kubernetes' own add-on."""
    restart_after: PositiveDurationMs = 10_000
    """How long it is away after it was killed, then twice as long each time, at most 5m: kubelet's
    back-off."""


class Dns(Written):
    """What requests ask of the cluster's DNS, and what answers it.

    Without it in a scenario names are there.
    """

    lookups: dict[str, PositiveCount]
    """Lookups for each core-second of demand, by the name that is looked up: `api.example.com: 30`.
    """
    ndots: Count | None = None
    """The pods' ndots; when absent, what the cluster's admission gives them, its `dns.ndots`, or 5.
    """
    node_cache: Switch | None = None
    """Whether nodes have a cache; when absent, as the cluster's `dns` says."""
    cache: NodeCache = NodeCache()
    """What that cache can bear."""
    core_dns: CoreDns = CoreDns()
    """What CoreDNS can bear."""
    resolver_packets_per_second: PositiveCount = 1024
    """What AWS lets each network interface send to its VPC's resolver."""
    attempts: PositiveCount = 2
    """How often a pod's resolver asks."""
    timeout: PositiveSeconds = 5
    """How long it waits for each answer."""
