"""Name resolution: the cache on every node, and whom it asks."""

from __future__ import annotations

from typing import Literal

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Count, PositiveCount, Seconds, Switch

CacheMode = Literal["dnsmasq", "nodeLocal", "none"]
"""Who answers pods on their own node: our DaemonSet, kops' NodeLocal DNSCache, or nobody."""


class Dnsmasq(Written):
    """The cache of `mode: dnsmasq`."""

    image: str | None = None
    """An image with dnsmasq 2.90 or later as /usr/sbin/dnsmasq, and `nslookup`, by which a pod's
    readiness is asked."""
    address: str = "169.254.20.10"
    """Where it listens on every node: link-local, as NodeLocal DNSCache's, so that neither a VPC
    nor a pod network has it."""
    core_dns: str | None = None
    """The ClusterIP of CoreDNS; when absent, the tenth address of the range of services, as kops
    gives it out."""
    upstreams: tuple[str, ...] = ()
    """Who answers names of the outside; none: the VPC's resolver at 169.254.169.253, and as the
    range's second address."""
    cache_size: Count = 10_000
    """Answers kept. A node's pods ask for some hundreds of names, twice (A and AAAA); above this
    dnsmasq itself warns that a lookup takes longer."""
    max_forwards: PositiveCount = 500
    """Questions under way at once; further ones are refused. They wait only where an upstream is
    slow, and an interface may send it 1,024 packets a second."""
    negative_ttl: Seconds = 5
    """How long it is kept that there is no such name, where the answer does not say: as long as
    CoreDNS keeps its own answers."""
    stale: Seconds = 300
    """For so long after its end an answer is still given while a new one is asked for, also by an
    upstream that is dead; 0s: never. More would hand out addresses of pods that are long gone."""
    tcp_connections: PositiveCount = 100
    """Connections of pods at once, a process each: `use-vc` opens one a lookup, and dnsmasq's own
    20 are gone on a node with some dozens of busy pods."""


class Dns(Written):
    """Name resolution of pods."""

    mode: CacheMode | None = None
    """The cache on every node: `dnsmasq` (Kingtide's DaemonSet), `nodeLocal` (kops' NodeLocal
    DNSCache) or `none`; when absent, `nodeLocal` says it."""
    node_local: Switch | None = None
    """A cache on every node, kops' own: the short form of `mode: nodeLocal`."""
    dnsmasq: Dnsmasq = Dnsmasq()
    """The cache of `mode: dnsmasq`."""
    ndots: Count | None = None
    """The `ndots` option of pods' resolv.conf."""
    domain: str = "cluster.local"
    """The cluster's domain."""

    @property
    def cache(self) -> CacheMode | None:
        """Who answers pods on their node, None where nobody said anything."""
        if self.mode is not None or self.node_local is None:
            return self.mode
        return "nodeLocal" if self.node_local else "none"
