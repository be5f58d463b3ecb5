"""Pods get options of name resolution that they do not set themselves.

Facts: glibc's default of `ndots` is 1, the kubelet writes 5, so that a name with fewer dots is
asked for with every search domain first. Source:
https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ (v1.36) and resolv.conf(5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kingtide.controllers.admission.lenient import below, fields, is_odd, items, text
from kingtide.controllers.admission.snapshot import AdmissionSnapshot, group_of
from kingtide.controllers.admission.subject import Subject
from kingtide.controllers.admission.verdict import Said, Set
from kingtide.fleet.policies.admission import AdmissionPolicy, DnsAdmission
from kingtide.kube.patching.json_pointer import Json

NDOTS = "ndots"
THROUGH_CLUSTER = ("ClusterFirst", "ClusterFirstWithHostNet")
"""Policies by which a pod asks the cluster's name servers."""


def dns(subject: Subject, snapshot: AdmissionSnapshot, policy: AdmissionPolicy) -> Iterator[Said]:
    """Yield a dnsPolicy that the group has, and options that are missing."""
    if subject.pod_path is None:
        return
    spec, group = subject.pod_spec, group_of(subject, snapshot, policy)
    asked = spec.get("dnsPolicy")
    if is_odd(asked, str):
        return
    chosen = asked or "ClusterFirst"
    # The API server writes ClusterFirst where nothing is said; `None` needs servers we do not know.
    if chosen == "ClusterFirst" and group.dns_policy not in ("ClusterFirst", "None"):
        chosen = group.dns_policy
        yield Set((*subject.pod_path, "dnsPolicy"), chosen)
    if chosen in THROUGH_CLUSTER and not _asks_as_its_node(spec, chosen):
        yield from _options(subject, wanted_options(policy.dns, group.ndots))


def wanted_options(settings: DnsAdmission, ndots: int | None) -> Mapping[str, str]:
    """Return options by name, an empty value for none; `ndots` takes the place of theirs."""
    found: dict[str, str] = {}
    for it in settings.options:
        name, _, value = it.partition(":")
        found.setdefault(name, value)
    if ndots is not None:
        found[NDOTS] = str(ndots)
    return found


def _options(subject: Subject, wanted: Mapping[str, str]) -> Iterator[Said]:
    path = (*(subject.pod_path or ()), "dnsConfig")
    config = subject.pod_spec.get("dnsConfig")
    options = fields(config).get("options")
    if is_odd(config, dict) or is_odd(options, list):
        return
    have = {text(below(it, "name")) for it in items(options)}
    missing = [_option(name, value) for name, value in wanted.items() if name not in have]
    if not missing:
        return
    if config is None:
        yield Set(path, {"options": missing})
    else:
        yield Set((*path, "options"), [*items(options), *missing])


def _option(name: str, value: str) -> dict[str, Json]:
    return {"name": name, "value": value} if value else {"name": name}


def _asks_as_its_node(spec: Mapping[str, Json], chosen: str) -> bool:
    """Whether a pod on its node's network gets the node's own resolv.conf."""
    return spec.get("hostNetwork") is True and chosen != "ClusterFirstWithHostNet"
