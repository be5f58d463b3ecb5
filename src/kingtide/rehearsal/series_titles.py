"""What each series of a record is called and counted in."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.rehearsal.record import Unit

_WHOLE: Mapping[str, tuple[str, Unit]] = {
    "nodes.spot": ("Ready spot nodes", "nodes"),
    "nodes.on_demand": ("Ready on-demand nodes", "nodes"),
    "nodes.not_ready": ("nodes that are not Ready", "nodes"),
    "cost.usd_per_hour": ("cost of instances", "usd_per_hour"),
    "dns.lookups_per_second": ("lookups a second", "count"),
    "dns.core_dns_queries_per_second": ("queries to CoreDNS a second", "count"),
    "dns.failed_percent": ("lookups that fail", "percent"),
    "cores.used": ("CPU used", "cores"),
    "cores.requested": ("CPU requested", "cores"),
    "cores.reserved_not_used": ("CPU reserved and not used", "cores"),
    "cores.allocatable": ("CPU of nodes", "cores"),
    "requests.failed": ("requests that failed, in a step", "count"),
    "requests.tried_again": ("tries of requests after the first, in a step", "count"),
}
_MEASURES: Mapping[str, tuple[str, Unit]] = {
    "available": ("pods available", "pods"),
    "unavailable": ("pods unavailable", "pods"),
    "replicas": ("pods asked for", "pods"),
    "used": ("CPU used", "cores"),
    "requested": ("CPU requested", "cores"),
    "reserved_not_used": ("CPU reserved and not used", "cores"),
    "demand": ("CPU that traffic asks for", "cores"),
    "below_demand": ("ready pods that demand lacks", "pods"),
    "failed": ("requests that failed, in a step", "count"),
    "tried_again": ("tries of requests after the first, in a step", "count"),
    "unserved": ("demand not served", "cores"),
    "hpa_trigger": ("CPU use at which pods are added", "cores"),
}


def described(name: str) -> tuple[str, Unit]:
    """Return a series' title and unit.

    Raises:
        KeyError: no series has such a name.
    """
    if name in _WHOLE:
        return _WHOLE[name]
    _, _, rest = name.partition(".")
    subject, _, measure = rest.rpartition(".")
    title, unit = _MEASURES[measure]
    return f"{subject}: {title}", unit
