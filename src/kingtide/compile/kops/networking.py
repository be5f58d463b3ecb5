"""The pod network, and who may reach the cluster's API and its nodes."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

from kingtide.compile.document import Body
from kingtide.compile.subject import Subject
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.models.network import DEFAULT_POD_CIDR

POD_NETWORKS: dict[str, Body] = {
    "amazonvpc": {},
    "calico": {},
    "cilium": {},
    "cni": {},
    "flannel": {"backend": "vxlan"},
    "kindnet": {},
    "kubenet": {},
    "kuberouter": {},
}
"""What kops 1.37 takes; it refuses weave, canal and the older ones, which nobody maintains.

`flannel` has no default backend. Source: https://kops.sigs.k8s.io/networking/
"""

_PRIVATE = tuple(
    IPv4Network(it) for it in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""What networks use among themselves (RFC 1918, RFC 6598); `is_private` knows of more, of which
some could be written for public ones (203.0.113.0/24)."""


def networking(subject: Subject) -> Body:
    """Return the fields of networks."""
    network = subject.spec.network
    found: Body = {"nonMasqueradeCIDR": network.pod_cidr or DEFAULT_POD_CIDR}
    if network.cidr is not None:
        found["networkCIDR"] = network.cidr
    if network.id is not None:
        found["networkID"] = network.id
    name = (network.pods or "").replace("-", "")
    if network.pods is None:
        subject.note(("network", "pods"), "is missing", "add `pods:`, for example cilium")
    elif name not in POD_NETWORKS:
        advice = did_you_mean(network.pods, POD_NETWORKS, what="pod networks")
        subject.note(("network", "pods"), f"kops has no pod network {network.pods!r}", advice)
    else:
        found["networking"] = {name: POD_NETWORKS[name]}
    return found


def access(subject: Subject) -> Body:
    """Return who may reach the Kubernetes API and, by SSH, the nodes.

    The API's load balancer has public addresses only where a public range may reach it.
    """
    network = subject.spec.network
    inside = [network.cidr] if network.cidr is not None else []
    public = any(not _is_private(cidr) for cidr in network.api_access)
    found: Body = {
        "api": {"loadBalancer": {"class": "Network", "type": "Public" if public else "Internal"}},
        "kubernetesApiAccess": list(network.api_access) or [*inside],
    }
    if network.ssh_access:
        found["sshAccess"] = list(network.ssh_access)
    return found


def _is_private(cidr: str) -> bool:
    """Return whether a range holds private addresses only; a prefix list (`pl-...`) may not."""
    try:
        written = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return isinstance(written, IPv4Network) and any(map(written.subnet_of, _PRIVATE))
