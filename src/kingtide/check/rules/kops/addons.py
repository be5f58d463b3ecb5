"""kops' own addons: what each needs, and what kops took out."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.check.kops_documents import Fault, Faults, KopsDocuments
from kingtide.check.plain_values import is_on, items_at, map_at, text_at, value_at
from kingtide.check.rule import Rule
from kingtide.check.rules.kops.located import cluster_patch, in_kops
from kingtide.fleet.documents.tree import Path, Plain

NODE_LOCAL_ADDRESS = "169.254.20.10"
"""Where NodeLocal DNSCache listens unless it is told otherwise.

Source: https://kops.sigs.k8s.io/cluster_spec/#kubedns (kops 1.35)."""
NEEDS_CERTIFICATES: Mapping[str, Path] = {
    "the pod identity webhook": ("podIdentityWebhook", "enabled"),
    "the AWS Load Balancer Controller": ("awsLoadBalancerController", "enabled"),
    "the snapshot controller": ("snapshotController", "enabled"),
}
"""Addons that take their certificates from cert-manager.

Source: https://kops.sigs.k8s.io/addons/ (kops 1.35)."""
REMOVED: Mapping[Path, tuple[str, str]] = {
    ("docker",): ("docker is no runtime that kops installs any more", "use containerd"),
    ("networking", "weave"): ("kops has taken Weave out", "use calico or cilium"),
    ("networking", "canal"): ("kops has taken Canal out", "use calico or cilium"),
    ("networking", "kubenet"): ("kops has no kubenet on AWS any more", "use calico or cilium"),
    ("networking", "romana"): ("kops has taken Romana out", "use calico or cilium"),
    ("networking", "lyftvpc"): ("kops has taken the Lyft VPC network out", "use amazonvpc"),
    ("gossipConfig",): ("kops has taken gossip out (1.37)", "use a DNS zone"),
    ("dnsControllerGossipConfig",): ("kops has taken gossip out (1.37)", "use a DNS zone"),
    ("nodeAuthorization",): ("kops has no node authorization service any more", "take it out"),
}
"""What kops refuses since it has taken it out: what was, and what to do.

Source: https://github.com/kubernetes/kops/tree/master/docs/releases (to 1.37)."""


def _node_local_dns(documents: KopsDocuments) -> Faults:
    """Note node-local DNS before another provider than CoreDNS."""
    at: Path = ("spec", "kubeDNS", "provider")
    body = documents.cluster.body
    if not is_on(body, "spec", "kubeDNS", "nodeLocalDNS", "enabled"):
        return
    provider = text_at(body, *at)
    if provider not in ("", "CoreDNS"):
        wrong = f"node-local DNS stands before CoreDNS, and the provider is {provider}"
        yield Fault(documents.cluster, at, wrong, "write `provider: CoreDNS`")


def _ipvs(documents: KopsDocuments) -> Faults:
    """Note node-local DNS that no pod asks, since IPVS keeps the service's address to itself."""
    body = documents.cluster.body
    if not is_on(body, "spec", "kubeDNS", "nodeLocalDNS", "enabled"):
        return
    replaces = is_on(body, "spec", "networking", "cilium", "enableNodePort")
    if text_at(body, "spec", "kubeProxy", "proxyMode") != "ipvs" and not replaces:
        return
    own = text_at(body, "spec", "kubeDNS", "nodeLocalDNS", "localIP") or NODE_LOCAL_ADDRESS
    asked = text_at(body, "spec", "kubelet", "clusterDNS")
    if own not in asked.split(","):
        at: Path = ("spec", "kubelet", "clusterDNS")
        wrong = f"is {asked or 'not said'}, and the cache answers at {own} alone"
        yield Fault(documents.cluster, at, wrong, f"patch in `kubelet: {{clusterDNS: {own}}}`")


def _certificates(documents: KopsDocuments) -> Faults:
    """Note addons that need cert-manager in a cluster without it."""
    body = documents.cluster.body
    if is_on(body, "spec", "certManager", "enabled"):
        return
    needing: list[tuple[str, Path]] = [
        (what, path) for what, path in NEEDS_CERTIFICATES.items() if is_on(body, "spec", *path)
    ]
    metrics = map_at(body, "spec", "metricsServer")
    if is_on(body, "spec", "metricsServer", "enabled") and metrics.get("insecure") is False:
        needing.append(("a secure metrics-server", ("metricsServer", "insecure")))
    for what, path in needing:
        advice = "add `certManager: {enabled: true}`"
        yield Fault(documents.cluster, ("spec", *path), f"{what} needs certManager", advice)


def _removed(documents: KopsDocuments) -> Faults:
    """Note what kops has taken out."""
    cluster = documents.cluster
    for path, (wrong, advice) in REMOVED.items():
        if value_at(cluster.body, ("spec", *path)) is not None:
            yield Fault(cluster, ("spec", *path), wrong, advice)
    if text_at(cluster.body, "spec", "containerRuntime") == "docker":
        wrong, advice = REMOVED[("docker",)]
        yield Fault(cluster, ("spec", "containerRuntime"), wrong, advice)
    if is_on(cluster.body, "spec", "iam", "legacy"):
        wrong = "kops has taken legacy permissions out"
        yield Fault(cluster, ("spec", "iam", "legacy"), wrong, "write false or take it out")
    if cluster.name.endswith(".k8s.local"):
        wrong = "names under k8s.local ask for gossip, which kops has taken out (1.37)"
        yield Fault(cluster, ("metadata", "name"), wrong, "use a DNS zone")


def _manifests(documents: KopsDocuments) -> Faults:
    """Note addons' manifests on the disk of whoever runs kops."""
    for index, addon in enumerate(items_at(documents.cluster.body, "spec", "addons")):
        manifest = text_at(addon, "manifest")
        if not manifest or manifest.startswith("file://"):
            wrong = "a manifest on a disk is none that the control plane can read"
            at: Path = ("spec", "addons", index, "manifest")
            yield Fault(documents.cluster, at, wrong, "put it into the state store, or apply it")


def owned_by_kops(body: Plain) -> tuple[str, ...]:
    """Return the fields of the addons that a Cluster document switches on."""
    return tuple(
        name
        for name, value in map_at(body, "spec").items()
        if isinstance(value, dict) and value.get("enabled") is True
    )


RULES = (
    Rule(
        code="KT636",
        title="Node-local DNS before another provider than CoreDNS",
        severity="error",
        why="kops refuses it.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=cluster_patch("kubeDNS: {provider: KubeDNS}"),
        passing=cluster_patch("kubeDNS: {provider: CoreDNS}"),
        check=in_kops(_node_local_dns),
    ),
    Rule(
        code="KT657",
        title="Node-local DNS with IPVS that no pod asks",
        severity="error",
        why="With iptables the cache takes over the address of the DNS service, so that pods need"
        " no change. IPVS, and Cilium in kube-proxy's place, hold that address themselves: pods go"
        " on asking CoreDNS across nodes unless kubelets name the cache.",
        source="https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/ (v1.36)",
        failing=cluster_patch("kubeProxy: {proxyMode: ipvs}"),
        passing=cluster_patch("kubeProxy: {proxyMode: ipvs}, kubelet: {clusterDNS: 169.254.20.10}"),
        check=in_kops(_ipvs),
    ),
    Rule(
        code="KT637",
        title="An addon that needs certManager, without it",
        severity="error",
        why="The addon's webhook has no certificate, and every call to it fails; kops refuses it.",
        source="https://kops.sigs.k8s.io/addons/ (kops 1.35)",
        failing=cluster_patch("snapshotController: {enabled: true}"),
        passing=cluster_patch("certManager: {enabled: true}, snapshotController: {enabled: true}"),
        check=in_kops(_certificates),
    ),
    Rule(
        code="KT641",
        title="Something that kops has taken out",
        severity="error",
        why="kops refuses it since the release that took it out.",
        source="https://github.com/kubernetes/kops/tree/master/docs/releases (to 1.37)",
        failing=cluster_patch("networking: {weave: {}}"),
        passing=cluster_patch("networking: {calico: {}}"),
        check=in_kops(_removed),
    ),
    Rule(
        code="KT643",
        title="An addon's manifest on somebody's disk",
        severity="error",
        why="The control plane reads manifests itself, from the state store or the web;"
        " kops refuses file://.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=cluster_patch('addons: [{manifest: "file:///home/me/addon.yaml"}]'),
        passing=cluster_patch('addons: [{manifest: "s3://acme-kops-state/addons/addon.yaml"}]'),
        check=in_kops(_manifests),
    ),
)
