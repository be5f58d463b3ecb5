"""What nodes need for a cache of their own: its address, and kubelets that tell pods of it."""

from __future__ import annotations

from kingtide.compile.dns.dnsmasq import node_dns
from kingtide.compile.document import Body
from kingtide.compile.subject import Subject


def cluster_dns(subject: Subject) -> Body:
    """Return the name servers that kubelets write into pods' resolv.conf: the cache, then CoreDNS.

    A resolver asks the second one when the first is silent, so that a cache that died costs a
    time-out and no name. kops hands the text to kubelet's --cluster-dns, which takes several with
    commas between them. Source:
    https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/ (v1.36)
    """
    if subject.spec.dns.cache != "dnsmasq":
        return {}
    dns = node_dns(subject)
    servers = dict.fromkeys((dns.address, dns.core_dns.partition("#")[0]))
    return {"clusterDNS": ",".join(servers)}


def node_dns_hooks(subject: Subject) -> Body:
    """Return the unit that gives every node the cache's address before its kubelet starts.

    So no pod needs the right to change its node's network. Source:
    https://kops.sigs.k8s.io/cluster_spec/#hooks
    """
    if subject.spec.dns.cache != "dnsmasq":
        return {}
    command = f"/sbin/ip address replace {subject.spec.dns.dnsmasq.address}/32 dev lo"
    unit = f"Type=oneshot\nRemainAfterExit=yes\nExecStart={command}\n"
    hook: Body = {"before": ["kubelet.service"], "manifest": unit, "name": "node-dns-address"}
    return {"hooks": [hook]}
