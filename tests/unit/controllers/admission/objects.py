"""Objects and a small cluster for tests of admission."""

from __future__ import annotations

from typing import Any

from kingtide.controllers.admission.review import review
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.controllers.admission.verdict import Verdict
from kingtide.fleet.policies.admission import AdmissionPolicy, DnsAdmission, GroupAdmission
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.patching.json_patch import json_patched

Body = dict[str, Any]

POLICY = AdmissionPolicy(
    dns=DnsAdmission(options=("use-vc", "ndots:1")),
    groups=(
        GroupAdmission("api", is_dedicated=True, priority_class="high"),
        GroupAdmission("admin", is_dedicated=True, priority_class="default"),
        GroupAdmission("workers", priority_class="default"),
    ),
    ungrouped=GroupAdmission("", priority_class="default"),
)
SNAPSHOT = AdmissionSnapshot(
    namespace_labels={
        "shop": {},
        "api": {GROUP_LABEL: "api"},
        "batch": {GROUP_LABEL: "workers"},
        "lost": {GROUP_LABEL: "nobody"},
    },
    priority_classes={"high": False, "default": True, "low": False},
)
TOLERATION = {"effect": "NoSchedule", "key": GROUP_LABEL, "operator": "Equal", "value": "api"}


def pod(namespace: str = "shop", **spec: Any) -> Body:
    """Return a pod with one container."""
    metadata = {"namespace": namespace, "name": "one"}
    containers = {"containers": [{"name": "main", "image": "registry.example.com/main:1"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": containers | spec}


def workload(kind: str, namespace: str = "shop", **spec: Any) -> Body:
    """Return a workload of the group apps with a pod template."""
    template = {"metadata": {"labels": {"app": "one"}}, "spec": pod(**spec)["spec"]}
    metadata = {"namespace": namespace, "name": "one"}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": metadata,
        "spec": {"selector": {"matchLabels": {"app": "one"}}, "template": template},
    }


def daemon_set(*containers: Body, **spec: Any) -> Body:
    """Return a DaemonSet with these containers."""
    return workload("DaemonSet", **({"containers": list(containers)} | spec))


def container(requests: Body | None = None, limits: Body | None = None) -> Body:
    """Return a container with resources."""
    resources = {"requests": requests, "limits": limits}
    written = {key: it for key, it in resources.items() if it is not None}
    return {"name": "main", "image": "registry.example.com/main:1", "resources": written}


def reviewed(body: Any, policy: AdmissionPolicy = POLICY) -> Verdict:
    """Return the verdict in the small cluster."""
    return review(body, SNAPSHOT, policy)


def admitted(body: Body, policy: AdmissionPolicy = POLICY) -> Body:
    """Return an object with what it gets."""
    found: Body = json_patched(body, reviewed(body, policy).operations)
    return found


def codes(verdict: Verdict) -> list[str]:
    """Return the codes of all refusals."""
    return [it.code for it in verdict.refusals]
