"""A cluster's ranges of addresses: its VPC's, its subnets', its pods' and services'."""

from __future__ import annotations

from kingtide.check.kops_documents import Fault, Faults, KopsDocuments
from kingtide.check.plain_values import (
    AddressRange,
    inside,
    items_at,
    overlap,
    range_of,
    text_at,
    texts_at,
)
from kingtide.check.rule import Example, Rule
from kingtide.check.rules.kops.located import cluster_operation, in_kops
from kingtide.fleet.documents.tree import Path, Plain

_WRITE = "write for example 10.0.0.0/16"


def _subnet_ranges(documents: KopsDocuments) -> Faults:
    """Note subnets outside the VPC's ranges, on pods' or services' ranges, or on each other."""
    body = documents.cluster.body
    network = range_of(text_at(body, "spec", "networkCIDR"))
    more = (range_of(text) for _, text in texts_at(body, "spec", "additionalNetworkCIDRs"))
    networks = [found for found in (network, *more) if found is not None]
    seen: list[tuple[str, AddressRange]] = []
    for index, subnet in enumerate(items_at(body, "spec", "subnets")):
        at: Path = ("spec", "subnets", index, "cidr")
        written, name = text_at(subnet, "cidr"), text_at(subnet, "name")
        if not written:
            continue
        found = range_of(written)
        if found is None:
            wrong = f"{written!r} is not a range of addresses"
            yield Fault(documents.cluster, at, wrong, _WRITE)
            continue
        if networks and not any(inside(found, outer) for outer in networks):
            wrong = f"subnet {name} has {written}, outside the VPC's {networks[0]}"
            advice = f"write a part of {networks[0]}"
            yield Fault(documents.cluster, at, wrong, advice)
        for what, reserved in _reserved(body):
            if overlap(found, reserved):
                wrong = f"subnet {name} has {written}, which shares addresses with {what}"
                yield Fault(documents.cluster, at, wrong, f"write a range outside {reserved}")
        for other, theirs in seen:
            if overlap(found, theirs):
                wrong = f"subnet {name} has {written}, which shares addresses with subnet {other}"
                yield Fault(documents.cluster, at, wrong, f"write a range outside {theirs}")
        seen.append((name, found))


def _pod_range(documents: KopsDocuments) -> Faults:
    """Note ranges of pods that overlap the VPC's, and such as are none."""
    body = documents.cluster.body
    at: Path = ("spec", "nonMasqueradeCIDR")
    for field in ("networkCIDR", "nonMasqueradeCIDR", "podCIDR", "serviceClusterIPRange"):
        written = text_at(body, "spec", field)
        if written and range_of(written) is None:
            wrong = f"{written!r} is not a range of addresses"
            yield Fault(documents.cluster, ("spec", field), wrong, _WRITE)
    network = range_of(text_at(body, "spec", "networkCIDR"))
    pods = range_of(text_at(body, *at))
    if network is None or pods is None or _pods_have_vpc_addresses(body):
        return
    if overlap(network, pods) and text_at(body, *at) != "::/0":
        wrong = f"pods and services have {pods}, which shares addresses with the VPC's {network}"
        advice = f"write a range outside {network}, for example 100.64.0.0/10"
        yield Fault(documents.cluster, at, wrong, advice)


def _reserved(body: Plain) -> list[tuple[str, AddressRange]]:
    """Return the ranges in which no subnet may lie, each with its name."""
    named = [("the services", "serviceClusterIPRange")]
    if not _pods_have_vpc_addresses(body):
        named += [("the pods", "podCIDR"), ("pods and services", "nonMasqueradeCIDR")]
    ranges = [(what, range_of(text_at(body, "spec", field))) for what, field in named]
    return [(what, found) for what, found in ranges if found is not None and found.prefixlen]


def _pods_have_vpc_addresses(body: Plain) -> bool:
    """Return whether pods have addresses of the VPC, so that its range is theirs too.

    Source: https://kops.sigs.k8s.io/networking/ (Amazon VPC, Cilium in ENI mode)
    """
    networking = ("spec", "networking")
    amazon = "amazonvpc" in _keys(body) or "amazonVPC" in _keys(body)
    return amazon or text_at(body, *networking, "cilium", "ipam") == "eni"


def _keys(body: Plain) -> tuple[str, ...]:
    spec = body.get("spec") if isinstance(body, dict) else None
    networking = spec.get("networking") if isinstance(spec, dict) else None
    return tuple(networking) if isinstance(networking, dict) else ()


RULES = (
    Rule(
        code="KT634",
        title="A subnet outside the VPC, or on top of something else",
        severity="error",
        why="AWS refuses a subnet outside the VPC's ranges or on another subnet; one on the"
        " pods' range makes some machines unreachable for some pods. kops refuses both.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=cluster_operation("op: replace, path: /spec/subnets/0/cidr, value: 10.1.0.0/18"),
        passing=Example(spec="network: {cidr: 10.1.0.0/16}"),
        check=in_kops(_subnet_ranges),
    ),
    Rule(
        code="KT635",
        title="Pods and machines in one range of addresses",
        severity="error",
        why="With a network of its own for pods, an address is a machine's or a pod's; kops"
        " refuses ranges that overlap. With amazonvpc pods have addresses of the VPC, and"
        " it is right.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=Example(spec="network: {podCidr: 10.0.0.0/12}"),
        passing=Example(spec="network: {podCidr: 100.64.0.0/10}"),
        check=in_kops(_pod_range),
    ),
)
