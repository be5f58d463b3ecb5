"""A cluster's subnets: cut from its range by zone letter, so that a new zone moves no other."""

from __future__ import annotations

from ipaddress import IPv4Network

from kingtide.compile.document import Body
from kingtide.compile.subject import Subject
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.expansion import zone_names
from kingtide.fleet.models.network import ZoneSubnets

_BITS = 3
"""A range is cut into eight: zone a has the second part, b the third and so on, and the first,
itself cut into eight, is for load balancers. So does kops where it cuts ranges for zones a, b and c
(https://github.com/kubernetes/kops/blob/v1.32.0/upup/pkg/fi/cloudup/subnets.go); kops counts zones
as they are listed, and would shift them all when the first one goes."""

_SMALLEST = 28
"""AWS takes subnets from /28 up (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html)."""


def subnets(subject: Subject) -> list[Body]:
    """Return the subnets of every zone: nodes' ones, and load balancers' ones of private nodes.

    Ranges and subnets that are written win over those that would be cut.
    """
    network = subject.spec.network
    whole = _range(subject)
    written = _written(subject)
    nodes: list[Body] = []
    utility: list[Body] = []
    for zone in zone_names(subject.spec):
        own = written.get(zone, ZoneSubnets())
        private = network.topology == "private"
        cidr = own.nodes or _cut(subject, whole, zone, small=False, needed=own.nodes_id is None)
        kind = "Private" if private else "Public"
        nodes.append(_subnet(zone, zone, kind, cidr, own.nodes_id, own.egress))
        if private:
            needed = own.utility_id is None
            cidr = own.utility or _cut(subject, whole, zone, small=True, needed=needed)
            utility.append(_subnet(f"utility-{zone}", zone, "Utility", cidr, own.utility_id, None))
    return nodes + utility


def _subnet(
    name: str, zone: str, kind: str, cidr: str | None, existing: str | None, egress: str | None
) -> Body:
    values: Body = {
        "name": name,
        "type": kind,
        "zone": zone,
        "cidr": cidr,
        "id": existing,
        "egress": egress,
    }
    return {key: value for key, value in values.items() if value is not None}


def _range(subject: Subject) -> IPv4Network | None:
    """Return the cluster's range, None with a note when it has none that can be cut."""
    path: Path = ("network", "cidr")
    cidr = subject.spec.network.cidr
    if cidr is None:
        subject.note(path, "is missing", "add `cidr:`, for example 10.0.0.0/16")
        return None
    try:
        return IPv4Network(cidr)
    except ValueError as error:
        subject.note(path, f"{cidr!r} is not a range ({error})", "write for example 10.0.0.0/16")
        return None


def _written(subject: Subject) -> dict[str, ZoneSubnets]:
    """Return what is written about subnets by the zone's full name."""
    region = subject.spec.region or ""
    found: dict[str, ZoneSubnets] = {}
    for key, value in subject.spec.network.subnets.items():
        zone = f"{region}{key}" if len(key) == 1 else key
        if zone not in zone_names(subject.spec):
            advice = did_you_mean(key, subject.spec.zones, what="zones")
            subject.note(("network", "subnets", key), f"{key!r} is no zone of the cluster", advice)
        found[zone] = value
    return found


def _cut(
    subject: Subject, whole: IPv4Network | None, zone: str, *, small: bool, needed: bool
) -> str | None:
    """Return a zone's part of the range, None where an existing subnet has its own."""
    if whole is None or not needed:
        return None
    position = ord(zone[-1]) - ord("a") + (0 if small else 1)
    longer = whole.prefixlen + (2 * _BITS if small else _BITS)
    if position >= 1 << _BITS or longer > _SMALLEST:
        wrong = f"{whole} has no part for zone {zone[-1]}"
        field = "utility" if small else "nodes"
        instead = f"write `network.subnets.{zone[-1]}.{field}:`, or a range of at most /22"
        subject.note(("network", "cidr"), wrong, instead)
        return None
    size = 1 << (32 - longer)
    return str(IPv4Network((int(whole.network_address) + position * size, longer)))
