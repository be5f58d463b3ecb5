"""The cluster's own DNS: where CoreDNS runs, how much it has, and what its callers ask of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kingtide.check.plain_values import items_at, number_at, text_at, value_at
from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.workloads.amounts import amount_of
from kingtide.check.rules.workloads.availability import documents_of
from kingtide.check.rules.workloads.example import (
    ADMIN,
    BUDGET,
    DEPLOYMENT,
    applied,
    changed,
    on_admin,
)
from kingtide.check.rules.workloads.name_resolution import (
    DEFAULT_NDOTS,
    hosts_outside,
    resolves_by_cluster,
    wanted_ndots,
    written_ndots,
)
from kingtide.check.rules.workloads.node_group import dedicated, group_of
from kingtide.check.view import ClusterView, Found
from kingtide.check.workload import Workload
from kingtide.compile.plan.drained import budgets
from kingtide.kube.labels import selector_matches

DNSMASQ_TCP_CONNECTIONS = 20
"""What dnsmasq bears unless it is told otherwise (MAX_PROCS in src/config.h, 2.90)."""
LEAST_MEMORY_BYTES = 170 * 1024**2
"""The limit of Kubernetes' own add-on.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/cluster/addons/dns/coredns/
"""
_USE_VC = "use-vc"
_NAMES = ("coredns", "kube-dns")


def _is_core_dns(workload: Workload) -> bool:
    """Return whether a workload is the cluster's DNS, by its name or by the label it bears."""
    named = workload.manifest.name in _NAMES or workload.labels.get("k8s-app") == "kube-dns"
    return named and workload.kind == "Deployment" and workload.namespace == "kube-system"


def _core_dns(cluster: ClusterView) -> Iterator[Workload]:
    return (it for it in cluster.workloads if _is_core_dns(it))


def _tcp_connections(cluster: ClusterView) -> Iterable[Found]:
    """Note pods that ask over TCP where the cache on their node bears few connections."""
    dns = cluster.spec.dns
    bears = dns.dnsmasq.tcp_connections
    if dns.cache != "dnsmasq" or bears > DNSMASQ_TCP_CONNECTIONS:
        return
    who = _over_tcp(cluster)
    if who is not None:
        wrong = f"{bears} connections at once, and {who} asks over TCP ({_USE_VC})"
        path = ("dns", "dnsmasq", "tcpConnections")
        yield cluster.found(path, wrong, "write 100 or more, or take use-vc away")


def _over_tcp(cluster: ClusterView) -> str | None:
    """Return who asks over TCP, None where nobody does: what admission adds, or a workload."""
    admission = getattr(cluster.spec.admission, "dns", None)
    if cluster.spec.admission is not None and getattr(admission, "mode", None) != "off":
        written = getattr(admission, "options", None)
        if written is None or _USE_VC in written:
            return "every pod that admission completes"
    for workload in cluster.workloads:
        options = items_at(workload.pod, "dnsConfig", "options")
        if any(text_at(it, "name") == _USE_VC for it in options):
            return f"{workload.kind} {workload.manifest.name}"
    return None


def _little_memory(cluster: ClusterView) -> Iterable[Found]:
    """Note CoreDNS with less memory than a storm of retries takes."""
    for workload in _core_dns(cluster):
        for container in workload.containers(init=False):
            limit = value_at(container.body, ("resources", "limits", "memory"))
            amount = amount_of("memory", limit)
            if amount is not None and amount < LEAST_MEMORY_BYTES:
                wrong = f"container {container.name} is limited to {limit} of memory"
                at = (*container.at, "resources", "limits", "memory")
                yield cluster.found_in(workload.manifest, at, wrong, "write 170Mi or more")


def _on_spot(cluster: ClusterView) -> Iterable[Found]:
    """Note CoreDNS on nodes that the cloud may take back."""
    for workload in _core_dns(cluster):
        name = group_of(cluster, workload)
        known = cluster.spec.node_groups
        open_to_all = [it for it, group in known.items() if not group.dedicated]
        for group in [name] if name is not None else open_to_all:
            if group in known and known[group].spot is not None:
                wrong = f"may run on group {group}, whose nodes are spot"
                advice = "select a dedicated group of on-demand nodes"
                yield cluster.found_in(workload.manifest, workload.at, wrong, advice)
                break


def _alone(cluster: ClusterView) -> Iterable[Found]:
    """Note CoreDNS of one replica or without a budget, where no rule for tools says it."""
    known = budgets(documents_of(cluster))
    for workload in _core_dns(cluster):
        group = dedicated(cluster, group_of(cluster, workload))
        if group is not None and group.on_demand is not None:
            continue  # a tool on nodes of its own: KT409 and KT416
        replicas = number_at(workload.body, "spec", "replicas")
        if (1 if replicas is None else replicas) < 2 and cluster.spec.dns_autoscaling is None:
            wrong = "has one replica: every name of the cluster is gone with it"
            advice = "write `replicas: 2`, or `dnsAutoscaling: {}` in the cluster's file"
            yield cluster.found_in(workload.manifest, ("spec", "replicas"), wrong, advice)
        if not any(
            it.namespace == workload.namespace and selector_matches(it.selector, workload.labels)
            for it in known
        ):
            wrong = "has no PodDisruptionBudget: two drains at once take all its pods"
            advice = "add one with `maxUnavailable: 1`"
            yield cluster.found_in(workload.manifest, ("metadata", "name"), wrong, advice)


def _searched_first(cluster: ClusterView) -> Iterable[Found]:
    """Note names of the outside that pods try with every search domain before."""
    for workload in cluster.workloads:
        if wanted_ndots(cluster, workload) is not None or not resolves_by_cluster(workload):
            continue  # another rule holds pods to what the cluster wants
        written = written_ndots(workload)
        ndots = DEFAULT_NDOTS if written is None or not written.isdecimal() else int(written)
        for path, host in hosts_outside(cluster, workload):
            if host.count(".") < ndots:
                wrong = (
                    f"asks for {host!r} with ndots {ndots}: each lookup tries the cluster's three"
                    " search domains first, twice (A and AAAA)"
                )
                advice = f"write `{host}.`, or `dns: {{ndots: 1}}` in the cluster's file"
                yield cluster.found_in(workload.manifest, path, wrong, advice)


_CORE_DNS = changed(
    DEPLOYMENT,
    ("{name: api, namespace: shop}", "{name: coredns, namespace: kube-system}"),
)
_BUDGET = changed(BUDGET, ("namespace: shop", "namespace: kube-system"))
_WORKERS = "nodeGroups: {tools: {onDemand: {sizes: {8x: {instances: 8x-cpu32, min: 2, max: 6}}}}}\n"
_ON_WORKERS = changed(
    _CORE_DNS,
    (
        "      containers:\n",
        "      nodeSelector: {kingtide.dev/node-group: tools}\n      containers:\n",
    ),
)
_CALLING = changed(
    DEPLOYMENT,
    ('      dnsConfig: {options: [{name: ndots, value: "1"}]}\n', ""),
    (
        "        resources",
        "        env: [{name: PRICES_URL, value: 'https://api.acme.com/v2'}]\n        resources",
    ),
)
_CACHE = "dns: {mode: dnsmasq, dnsmasq: {image: example.com/dnsmasq:2.91, tcpConnections: %s}}\n"
_ADMISSION = "admission: {}\n"

_OUTAGE = (
    "https://github.com/zalando-incubator/kubernetes-on-aws/blob/dev/docs/postmortems/"
    "jan-2019-dns-outage.md (2019-01)"
)
_DNS = "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ (v1.36)"

RULES = (
    Rule(
        code="KT418",
        title="More TCP connections than the cache on a node bears",
        severity="error",
        why="dnsmasq keeps a process for each connection, 20 unless it is told otherwise, and"
        " use-vc opens one for each lookup: the twenty-first waits, and at the peak all do.",
        source="https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html (2.90,"
        " --max-tcp-connections)",
        failing=Example(spec=_CACHE % 20 + _ADMISSION),
        passing=Example(spec=_CACHE % 100 + _ADMISSION),
        check=each_cluster(_tcp_connections),
    ),
    Rule(
        code="KT419",
        title="CoreDNS with little memory",
        severity="warning",
        why="Under a storm of retries it holds every question that waits, is killed at its"
        " limit, and the next replica gets its share: an outage of an hour began at 100Mi.",
        source=_OUTAGE,
        failing=applied(
            on_admin(changed(_CORE_DNS, ("cpu: 500m, memory: 512Mi}}", "memory: 100Mi}}"))),
            _BUDGET,
            spec=ADMIN,
        ),
        passing=applied(on_admin(_CORE_DNS), _BUDGET, spec=ADMIN),
        check=each_cluster(_little_memory),
    ),
    Rule(
        code="KT420",
        title="CoreDNS on spot nodes",
        severity="warning",
        why="A wave of reclaims comes in the peak and takes the cluster's names with it; what"
        " everything needs stands on nodes that nobody takes back.",
        source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-interruptions.html",
        failing=applied(_CORE_DNS, _BUDGET, spec=ADMIN),
        passing=applied(on_admin(_CORE_DNS), _BUDGET, spec=ADMIN),
        check=each_cluster(_on_spot),
    ),
    Rule(
        code="KT421",
        title="CoreDNS that one drain takes away",
        severity="error",
        why="Every lookup of the cluster fails from the eviction of the only pod until another"
        " one answers.",
        source="https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ (v1.36)",
        failing=applied(changed(_ON_WORKERS, ("replicas: 3", "replicas: 1")), spec=_WORKERS),
        passing=applied(_ON_WORKERS, _BUDGET, spec=_WORKERS),
        check=each_cluster(_alone),
    ),
    Rule(
        code="KT422",
        title="A name of the outside that is searched for in the cluster first",
        severity="warning",
        why="With ndots 5 eight queries go to CoreDNS for one answer, six of them for names that"
        " do not exist: at the peak it has four times the work, and DNS fails first.",
        source=_DNS,
        failing=applied(_CALLING, spec="dns: {ndots: null}\n"),
        passing=applied(
            changed(_CALLING, ("api.acme.com/", "api.acme.com./")), spec="dns: {ndots: null}\n"
        ),
        check=each_cluster(_searched_first),
    ),
)
