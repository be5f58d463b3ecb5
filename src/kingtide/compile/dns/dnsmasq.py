"""dnsmasq's configuration on a node: the cluster's names to CoreDNS, all others to the VPC.

Source: dnsmasq 2.90's manual (https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network

import msgspec

from kingtide.compile.subject import Subject
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.models.network import DEFAULT_POD_CIDR

PORT = 53
LINK_LOCAL_RESOLVER = "169.254.169.253"
"""The VPC's resolver on every instance, whatever the VPC's range is.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
"""
_TAKEN = {
    LINK_LOCAL_RESOLVER: "the VPC's resolver",
    "169.254.169.254": "the metadata service",
    "169.254.169.123": "the time service",
    "169.254.170.2": "containers' credentials",
    "169.254.170.23": "pods' credentials",
}
"""Link-local addresses that AWS answers at, or its agents on a node.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html#link-local-addresses
"""
OWN_NAME = "localhost"
"""What a cache answers out of its configuration, whoever else is dead: who asks for it learns
whether the process works.

Caching servers should answer it with the loopback address. Source: RFC 6761, section 6.3.
"""
_DOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_AT: Path = ("dns", "dnsmasq")


class NodeDns(msgspec.Struct, frozen=True):
    """Whom a node's cache asks, and where it listens; addresses may bear a port (`1.2.3.4#5353`).

    `reverse` is the range of pods and services, whose names CoreDNS knows, None where it has none
    of its own.
    """

    address: str
    domain: str
    core_dns: str
    upstreams: tuple[str, ...]
    reverse: str | None
    cache_size: int
    max_forwards: int
    negative_ttl_seconds: int
    stale_seconds: int
    tcp_connections: int


def node_dns(subject: Subject) -> NodeDns:
    """Return what a cluster's files say of its caches; mistakes are noted."""
    written, network = subject.spec.dns.dnsmasq, subject.spec.network
    pods = network.pod_cidr or DEFAULT_POD_CIDR
    core_dns = written.core_dns or _nth(pods, 10)
    if core_dns is None:
        advice = "write `network.podCidr` as a range, or CoreDNS' address here"
        subject.note((*_AT, "coreDns"), f"the range {pods} has no tenth address", advice)
    if _DOMAIN.fullmatch(subject.spec.dns.domain) is None:
        wrong = f"{subject.spec.dns.domain!r} is no domain"
        subject.note(("dns", "domain"), wrong, "write for example cluster.local")
    second = _nth(network.cidr, 2)
    upstreams = written.upstreams or (
        LINK_LOCAL_RESOLVER,
        *([] if second is None else [second]),
    )
    unfit = _unfit(written.address, {"VPC": network.cidr, "pods and services": pods})
    if unfit is not None:
        advice = "write a link-local one that nothing else has, as 169.254.20.10"
        subject.note((*_AT, "address"), f"{written.address!r} {unfit}", advice)
    servers = (
        ("coreDns", core_dns or LINK_LOCAL_RESOLVER),
        *(("upstreams", it) for it in upstreams),
    )
    for field, value in servers:
        if not _is_address(value):
            subject.note((*_AT, field), f"{value!r} is no address", "write for example 10.0.0.2")
        elif value.partition("#")[0] == written.address:
            wrong = f"{value} is the cache's own address: it would ask itself"
            subject.note((*_AT, field), wrong, "write another server's address")
    return NodeDns(
        address=written.address,
        domain=subject.spec.dns.domain,
        core_dns=core_dns or LINK_LOCAL_RESOLVER,
        upstreams=upstreams,
        reverse=pods if _nth(pods, 0) is not None else None,
        cache_size=written.cache_size,
        max_forwards=written.max_forwards,
        negative_ttl_seconds=written.negative_ttl,
        stale_seconds=written.stale,
        tcp_connections=written.tcp_connections,
    )


def configuration(dns: NodeDns, port: int = PORT) -> str:
    """Return the text of dnsmasq.conf.

    Nothing is read from the node's resolv.conf, which may name this very cache. Of several
    upstreams the one that answers is asked, and all of them once it does not.
    """
    lines = [
        f"port={port}",
        f"listen-address={dns.address}",
        "bind-interfaces",
        "no-resolv",
        "no-poll",
        "no-hosts",
        "domain-needed",
        "user=nobody",
        "pid-file",
        "log-facility=-",
        f"cache-size={dns.cache_size}",
        f"dns-forward-max={dns.max_forwards}",
        f"neg-ttl={dns.negative_ttl_seconds}",
        f"max-tcp-connections={dns.tcp_connections}",
        f"address=/{OWN_NAME}/127.0.0.1",
        f"address=/{OWN_NAME}/::1",
    ]
    if dns.stale_seconds:
        lines.append(f"use-stale-cache={dns.stale_seconds}")
    lines.append(f"server=/{dns.domain}/{dns.core_dns}")
    if dns.reverse is not None:
        lines.append(f"rev-server={dns.reverse},{dns.core_dns}")
    lines += [f"server={upstream}" for upstream in dns.upstreams]
    return "".join(f"{line}\n" for line in lines)


def _unfit(text: str, ranges: Mapping[str, str | None]) -> str | None:
    """Return why no cache can listen at an address on every node, None where it can."""
    try:
        address = IPv4Address(text)
    except ValueError:
        return "is no address"
    if text in _TAKEN:
        return f"is the address of {_TAKEN[text]} on every instance, which nodes would lose"
    if address.is_loopback:
        return "is each pod's own loopback, so that none reaches its node's cache"
    if address.is_unspecified or address.is_multicast or address.is_reserved:
        return "is no address of a host"
    for whose, cidr in ranges.items():
        if address in (_network(cidr) or ()):
            return f"is in the range of {whose}, {cidr}: another host's answers would be lost"
    return None


def _network(cidr: str | None) -> IPv4Network | None:
    try:
        return IPv4Network(cidr or "")
    except ValueError:  # an address range that cannot be read is told where it is compiled
        return None


def _nth(cidr: str | None, number: int) -> str | None:
    network = _network(cidr)
    return None if network is None else str(network.network_address + number)


def _is_address(text: str) -> bool:
    address, mark, port = text.partition("#")
    try:
        IPv4Address(address)
    except ValueError:
        return False
    return not mark or (port.isascii() and port.isdecimal() and 0 < int(port) < 65536)
