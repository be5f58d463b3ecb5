"""The kops Cluster: everything that is not of one group of machines."""

from __future__ import annotations

from kingtide.compile.document import Body, Document
from kingtide.compile.kops import API_VERSION
from kingtide.compile.kops.addons import addons
from kingtide.compile.kops.control_plane import etcd_clusters
from kingtide.compile.kops.controller_manager import controller_manager
from kingtide.compile.kops.identity import authentication, iam, issuer_discovery
from kingtide.compile.kops.machines import rolling_update
from kingtide.compile.kops.networking import access, networking
from kingtide.compile.kops.node_dns import cluster_dns, node_dns_hooks
from kingtide.compile.kops.subnets import subnets
from kingtide.compile.subject import Subject


def cluster_document(subject: Subject) -> Document:
    """Return the Cluster."""
    spec = subject.spec
    found: Body = {
        "authorization": {"rbac": {}},
        "channel": "stable",
        "cloudProvider": "aws",
        "configBase": f"{subject.state_store}/{subject.full_name}",
        "etcdClusters": [*etcd_clusters(subject)],
        "kubelet": {"anonymousAuth": False, **cluster_dns(subject)},
        "subnets": [*subnets(subject)],
        "topology": {"dns": {"type": "Public"}},
        **networking(subject),
        **access(subject),
        **authentication(subject),
        **iam(subject),
        **issuer_discovery(subject),
        **controller_manager(subject),
        **addons(subject),
        **node_dns_hooks(subject),
        **rolling_update(spec.rolling_update),
    }
    if spec.kubernetes_version is None:
        advice = "add it here, to the stage or to fleet.yaml, for example 1.35.7"
        subject.note(("kubernetesVersion",), "is missing", advice)
    else:
        found["kubernetesVersion"] = spec.kubernetes_version.removeprefix("v")
    if spec.tags:
        found["cloudLabels"] = {**spec.tags}
    if spec.dns.domain != "cluster.local":
        found["clusterDNSDomain"] = spec.dns.domain
    return Document(
        {
            "apiVersion": API_VERSION,
            "kind": "Cluster",
            "metadata": {"name": subject.full_name},
            "spec": found,
        }
    )
