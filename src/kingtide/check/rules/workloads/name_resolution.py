"""How pods resolve names: the search list, and names written so that it is not needed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kingtide.check.plain_values import is_on, items_at, text_at, value_at
from kingtide.check.rule import Rule, each_cluster
from kingtide.check.rules.workloads.example import DEPLOYMENT, applied, changed
from kingtide.check.rules.workloads.node_group import group_of
from kingtide.check.rules.workloads.tool_values import value_texts
from kingtide.check.view import ClusterView, FleetView, Found
from kingtide.check.workload import Container, Workload
from kingtide.fleet.documents.tree import Path

DEFAULT_NDOTS = 5
"""Dots below which a pod's resolver tries its search list first, where nothing else is said.

Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ (v1.36)."""

DEFAULT_DOMAIN = "cluster.local"
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)
_SERVICE = re.compile(r"(?<![\w./@-])([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+\.?)(?=:\d|/|,|$|\s)")
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_LOCAL = ("localhost",)


def _ndots(cluster: ClusterView) -> Iterable[Found]:
    """Note pods whose ndots is not what the cluster asks for."""
    for workload in cluster.workloads:
        wanted = wanted_ndots(cluster, workload)
        if wanted is None or not resolves_by_cluster(workload):
            continue
        written = written_ndots(workload)
        if written == str(wanted):
            continue
        at: Path = (*workload.at, "dnsConfig")
        advice = f'add `dnsConfig: {{options: [{{name: ndots, value: "{wanted}"}}]}}`'
        if written is None:
            wrong = f"has no ndots, so that {DEFAULT_NDOTS} holds, and the cluster says {wanted}"
        else:
            wrong = f"ndots is {written!r}, and the cluster says {wanted}"
        yield cluster.found_in(workload.manifest, at, wrong, advice)


def _names(cluster: ClusterView) -> Iterable[Found]:
    """Note names of services that the resolver has to complete."""
    domain = cluster.spec.dns.domain
    namespaces = {**dict.fromkeys(cluster.spec.namespaces), "default": None, "kube-system": None}
    namespaces.update({it.namespace: None for it in cluster.manifests if it.namespace})
    namespaces.update({it.name: None for it in cluster.of_kind("Namespace")})
    services = {it.name: None for it in cluster.of_kind("Service")}
    for workload in cluster.workloads:
        for container in workload.containers():
            for path, text in _texts(container):
                for host in _hosts(text):
                    full = _full(
                        host, domain, tuple(namespaces), tuple(services), workload.namespace
                    )
                    if full is not None:
                        wrong = f"container {container.name} asks for {host!r}, no full name"
                        advice, about = f"write {full}", workload.manifest
                        yield cluster.found_in(about, path, wrong, advice)


def _names_in_values(fleet: FleetView) -> Iterable[Found]:
    """Note names of services in tools' values that the resolver has to complete."""
    if fleet.repository is None:
        return
    clusters = fleet.repository.clusters.values()
    domain = next((cluster.spec.dns.domain for cluster in clusters), DEFAULT_DOMAIN)
    own = {tool.metadata.name: tool.spec.namespace for tool in fleet.repository.tools}
    namespaces = {**dict.fromkeys(own.values()), "default": None, "kube-system": None}
    for it in value_texts(fleet):
        for host in _hosts(it.text):
            full = _full(host, domain, tuple(namespaces), (), own.get(it.tool, "default"))
            if full is not None:
                yield it.found(f"{host!r} is no full name", f"write {full}")


def _all_names(fleet: FleetView) -> Iterable[Found]:
    yield from each_cluster(_names)(fleet)
    yield from _names_in_values(fleet)


def wanted_ndots(cluster: ClusterView, workload: Workload) -> int | None:
    """Return the ndots that the cluster asks of a workload's pods, None where it says nothing."""
    name = group_of(cluster, workload)
    group = None if name is None else cluster.spec.node_groups.get(name)
    if group is not None and group.dns is not None and group.dns.ndots is not None:
        return group.dns.ndots
    return cluster.spec.dns.ndots


def resolves_by_cluster(workload: Workload) -> bool:
    """Return whether a pod takes the cluster's search list: others get the node's resolver."""
    policy = text_at(workload.pod, "dnsPolicy") or "ClusterFirst"
    if policy == "ClusterFirst":
        return not is_on(workload.pod, "hostNetwork")
    return policy == "ClusterFirstWithHostNet"


def written_ndots(workload: Workload) -> str | None:
    """Return the ndots of a workload's pods as written, None where they say nothing."""
    for option in items_at(workload.pod, "dnsConfig", "options"):
        if text_at(option, "name") == "ndots":
            return str(value_at(option, ("value",)))
    return None


def hosts_outside(cluster: ClusterView, workload: Workload) -> Iterator[tuple[Path, str]]:
    """Return hosts of URLs that pods are told and that no cluster answers, with their places.

    Not those that end with a dot, which nobody searches for, nor those of one part, which may be
    services.
    """
    inside = (cluster.spec.dns.domain, "svc", *cluster.spec.namespaces)
    for container in workload.containers():
        for path, text in _texts(container):
            for host in dict.fromkeys(match[1] for match in _URL.finditer(text)):
                searched = "." in host and not host.endswith(".") and not _ADDRESS.fullmatch(host)
                if searched and not any(host.endswith(f".{it}") for it in inside):
                    yield path, host


def _texts(container: Container) -> Iterator[tuple[Path, str]]:
    """Return what a container is told: its arguments and the values of its environment."""
    for field in ("command", "args"):
        for index, text in enumerate(items_at(container.body, field)):
            if isinstance(text, str):
                yield (*container.at, field, index), text
    for index, variable in enumerate(items_at(container.body, "env")):
        text = value_at(variable, ("value",))
        if isinstance(text, str):
            yield (*container.at, "env", index, "value"), text


def _hosts(text: str) -> Iterator[str]:
    """Return the hosts of URLs in a text, and names that look like services, each once."""
    found = {match[1]: None for match in _URL.finditer(text)}
    for match in _SERVICE.finditer(text):
        if "svc" in match[1].split("."):
            found[match[1]] = None
    yield from found


def _full(
    host: str,
    domain: str,
    namespaces: tuple[str, ...],
    services: tuple[str, ...],
    namespace: str,
) -> str | None:
    """Return the full name of a service that is named short; None for any other host.

    Of one part are services of these manifests alone: `http://proxy` may be anything else.
    """
    if host.endswith(".") or _ADDRESS.fullmatch(host) or host in _LOCAL:
        return None
    parts = host.split(".")
    if host.endswith(f".svc.{domain}"):
        return f"{host}."
    if len(parts) == 3 and parts[2] == "svc":
        return f"{host}.{domain}."
    if len(parts) == 2 and parts[1] in namespaces:
        return f"{host}.svc.{domain}."
    if len(parts) == 1 and host in services:
        return f"{host}.{namespace}.svc.{domain}."
    return None


def _calling(url: str) -> str:
    """Return a Deployment whose pods are told a URL."""
    env = f"        env: [{{name: STOCK_URL, value: '{url}'}}]\n"
    return changed(DEPLOYMENT, ("        resources", f"{env}        resources"))


RULES = (
    Rule(
        code="KT406",
        title="Pods whose ndots is not the cluster's",
        severity="warning",
        why="With the default of 5 a name such as api.acme.com is first asked for with"
        " every suffix of the search list: four or more useless queries for each useful"
        " one, and at the peak it is DNS that fails first.",
        source="https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ (v1.36)",
        failing=applied(
            changed(DEPLOYMENT, ('      dnsConfig: {options: [{name: ndots, value: "1"}]}\n', ""))
        ),
        passing=applied(DEPLOYMENT),
        check=each_cluster(_ndots),
    ),
    Rule(
        code="KT408",
        title="A service that is not called by its full name",
        severity="warning",
        why="A short name works by the search list alone: with ndots 1 it is asked for as"
        " it stands first, with 5 by every suffix. The full name with the dot at its end is"
        " one query.",
        source="https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ (v1.36)",
        failing=applied(_calling("http://stock.shop.svc.cluster.local:8080")),
        passing=applied(_calling("http://stock.shop.svc.cluster.local.:8080")),
        check=_all_names,
    ),
)
