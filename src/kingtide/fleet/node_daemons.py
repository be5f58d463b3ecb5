"""What the fleet runs on every node: DaemonSets that are written, and those that follow."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.fleet.models.amounts import Amounts
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.models.daemon_set import DaemonSet

NODE_DNS = "node-dns"
"""The DaemonSet of the cache on every node, in kube-system."""
NODE_DNS_AMOUNTS = Amounts.model_validate({"cpu": "200m", "memory": "64Mi"})
"""dnsmasq holds 5 MB with a warm cache (2.90), and more in the processes of TCP connections, a few
hundred KiB each; a fifth of a core answers some thousand questions a second from the cache. A
cluster that needs other amounts writes `daemonSets.node-dns`."""


def node_daemons(spec: ClusterSpec) -> Mapping[str, DaemonSet]:
    """Return a cluster's DaemonSets by name, the cache's own among them where it has one."""
    if spec.dns.cache != "dnsmasq" or NODE_DNS in spec.daemon_sets:
        return spec.daemon_sets
    own = DaemonSet(requests=NODE_DNS_AMOUNTS, limits=NODE_DNS_AMOUNTS)
    return {**spec.daemon_sets, NODE_DNS: own}
