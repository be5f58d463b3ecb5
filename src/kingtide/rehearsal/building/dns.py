"""What name resolution is like in a world, from a scenario's words and its cluster's."""

from __future__ import annotations

from kingtide.controllers.admission.dns import NDOTS, wanted_options
from kingtide.fleet.models.dns import Dns as ClusterDns
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.kube.name_lookups import QUERIES_A_NAME, names_tried, search_list
from kingtide.rehearsal.scenario import dns_model
from kingtide.rehearsal.scenario.application_model import Application
from kingtide.twin.dns_conditions import CoreDns, DnsConditions, NodeCache

DEFAULT_NDOTS = 5
"""What kubelet writes (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/).
"""


def dns_conditions(
    written: dns_model.Dns | None,
    cluster: ClusterDns,
    admission: AdmissionPolicy | None,
    applications: dict[str, Application],
) -> DnsConditions | None:
    """Return name resolution, None where a scenario says nothing of it."""
    if written is None:
        return None
    ndots = _ndots(written, cluster, admission)
    search = search_list("default", cluster.domain)
    through_cluster = in_cluster = outside = 0
    for name, count in written.lookups.items():
        plain = name.removesuffix(".")
        asked = names_tried(name, ndots, search).index(plain) + 1
        is_inside = plain.endswith(f".{cluster.domain}")
        searched = asked if is_inside else asked - 1
        in_cluster += count * searched * QUERIES_A_NAME
        through_cluster += count if searched else 0
        outside += 0 if is_inside else count
    cache = NodeCache(written.cache.hit_rate, written.cache.queries_per_second)
    return DnsConditions(
        lookups=sum(written.lookups.values()),
        through_cluster=through_cluster,
        cluster_queries=in_cluster,
        outside=outside,
        outside_queries=outside * QUERIES_A_NAME,
        core_dns=_core_dns(written.core_dns, applications),
        cache=cache if has_node_cache(written, cluster) else None,
        resolver_packets_per_second=written.resolver_packets_per_second,
        attempts=written.attempts,
        timeout_ms=written.timeout * 1000,
    )


def _ndots(written: dns_model.Dns, cluster: ClusterDns, admission: AdmissionPolicy | None) -> int:
    """Return the ndots of pods: a scenario's, what admission gives them, or the cluster's."""
    if written.ndots is not None:
        return written.ndots
    if admission is not None and admission.dns.mode == "enforce":
        given = wanted_options(admission.dns, admission.ungrouped.ndots).get(NDOTS, "")
        if given.isdecimal():
            return int(given)
    return DEFAULT_NDOTS if cluster.ndots is None else cluster.ndots


def has_node_cache(written: dns_model.Dns, cluster: ClusterDns) -> bool:
    """Return whether nodes have a cache: as the scenario says, or else as the cluster does."""
    if written.node_cache is not None:
        return written.node_cache
    return cluster.cache in ("dnsmasq", "nodeLocal")


def _core_dns(written: dns_model.CoreDns, applications: dict[str, Application]) -> CoreDns:
    own = None if written.application is None else applications[written.application]
    return CoreDns(
        application=None if own is None else f"{own.namespace}/{written.application}",
        replicas=written.replicas,
        queries_per_second=written.queries_per_second,
        hit_percent=written.hit_rate,
        base_bytes=written.base_memory,
        bytes_per_query=written.memory_per_query,
        limit_bytes=written.memory_limit,
        restart_ms=written.restart_after,
    )
