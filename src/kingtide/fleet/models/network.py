"""A cluster's addresses."""

from __future__ import annotations

from typing import Literal

from kingtide.fleet.documents.written import Written

DEFAULT_POD_CIDR = "100.64.0.0/10"
"""kops' own default: shared address space (RFC 6598), which no VPC uses."""


class ZoneSubnets(Written):
    """The subnets of one zone; what is absent is cut from the cluster's range."""

    nodes: str | None = None
    """The range of the nodes' subnet."""
    nodes_id: str | None = None
    """An existing subnet (`subnet-0123`) instead of a new one."""
    utility: str | None = None
    """The range of the load balancers' subnet; only with private nodes."""
    utility_id: str | None = None
    """An existing subnet for load balancers instead of a new one."""
    egress: str | None = None
    """How private nodes reach the internet (`nat-0123`, `tgw-0123`); when absent, a gateway of its
    own."""


class Network(Written):
    """Addresses."""

    cidr: str | None = None
    """The VPC's range."""
    id: str | None = None
    """An existing VPC (`vpc-0123`) instead of a new one."""
    pods: str | None = None
    """The pod network (`calico`, `cilium`)."""
    pod_cidr: str | None = None
    """The range of pods and services (kops: nonMasqueradeCIDR); when absent, 100.64.0.0/10."""
    topology: Literal["private", "public"] = "private"
    """Whether nodes have public addresses."""
    subnets: dict[str, ZoneSubnets] = {}
    """Subnets by zone, written as in `zones`."""
    api_access: tuple[str, ...] = ()
    """Ranges that may reach the Kubernetes API; none: the VPC alone."""
    ssh_access: tuple[str, ...] = ()
    """Ranges that may reach nodes by SSH; none: nobody."""
