"""The webhook configurations by which an API server asks us.

`failurePolicy` belongs to an entry of a configuration, so rules of one failure policy share an
entry and a path; a pod is sent at most twice to be changed and twice to be judged. Entries name the
objects that some rule looks at, and leave exempt namespaces out, so that nothing of Kubernetes'
own, nor we ourselves, wait for us. Source:
https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from kingtide.controllers.admission.alert_labels import PROMETHEUS_RULE
from kingtide.controllers.admission.review import RULES, Rule
from kingtide.fleet.policies.admission import AdmissionPolicy, Failure
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE

CONFIGURATION = "kingtide-admission"
"""The name of both configurations, of the Service, and of the Secret with the certificates."""
VERSION = "admissionregistration.k8s.io/v1"
NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""A label that every namespace has, its name."""

Work = Literal["mutate", "validate"]
KINDS: Mapping[Work, str] = {
    "mutate": "MutatingWebhookConfiguration",
    "validate": "ValidatingWebhookConfiguration",
}
FAILURES: Mapping[Failure, str] = {"open": "Ignore", "closed": "Fail"}
_ALWAYS = ("CREATE", "UPDATE")


class ServiceReach(msgspec.Struct, frozen=True):
    """We are behind a Service of the cluster."""

    namespace: str = KINGTIDE_NAMESPACE
    name: str = CONFIGURATION
    port: int = 443

    def client(self, path: str) -> dict[str, Any]:
        """Return where the API server finds a path."""
        service = {"namespace": self.namespace, "name": self.name, "port": self.port}
        return {"service": service | {"path": path}}

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the serving certificate needs."""
        host = f"{self.name}.{self.namespace}.svc"
        return (host, f"{host}.cluster.local")


class UrlReach(msgspec.Struct, frozen=True):
    """We are at an address outside of the cluster, as https://192.0.2.1:8443."""

    url: str
    host: str

    def client(self, path: str) -> dict[str, Any]:
        """Return where the API server finds a path."""
        return {"url": self.url.rstrip("/") + path}

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the serving certificate needs."""
        return (self.host,)


Reach = ServiceReach | UrlReach


def webhook_configurations(
    policy: AdmissionPolicy, reach: Reach, ca_bundle: str = ""
) -> tuple[Mapping[str, Any], ...]:
    """Return the mutating and the validating configuration, as the API has them.

    `ca_bundle` is the base64 text of PEM certificates; without one, entries have none, and whoever
    runs admission sets it.
    """
    return tuple(
        {
            "apiVersion": VERSION,
            "kind": kind,
            "metadata": {
                "name": CONFIGURATION,
                "labels": {"app.kubernetes.io/managed-by": "kingtide"},
            },
            "webhooks": list(_entries(work, policy, reach, ca_bundle)),
        }
        for work, kind in KINDS.items()
    )


def path_of(work: Work, failure: Failure) -> str:
    """Return the path under which rules of one failure policy are asked."""
    return f"/{work}/{failure}"


def _entries(
    work: Work, policy: AdmissionPolicy, reach: Reach, ca_bundle: str
) -> Iterator[dict[str, Any]]:
    for failure, failure_policy in FAILURES.items():
        rules = list(_rules(work, failure, policy))
        if not rules:
            continue
        client = reach.client(path_of(work, failure))
        exempt = {
            "key": NAMESPACE_NAME,
            "operator": "NotIn",
            "values": list(policy.exempt_namespaces),
        }
        entry: dict[str, Any] = {
            "name": f"{failure}.{work}.admission.kingtide.dev",
            "clientConfig": client | ({"caBundle": ca_bundle} if ca_bundle else {}),
            "rules": rules,
            "failurePolicy": failure_policy,
            "matchPolicy": "Equivalent",
            "namespaceSelector": {"matchExpressions": [exempt] if exempt["values"] else []},
            "objectSelector": {},
            "sideEffects": "None",
            "timeoutSeconds": policy.timeout_seconds,
            "admissionReviewVersions": ["v1"],
        }
        if work == "mutate":
            # Another webhook may put something into a pod that our rules are about.
            entry["reinvocationPolicy"] = "IfNeeded"
        yield entry


def _rules(work: Work, failure: Failure, policy: AdmissionPolicy) -> Iterator[dict[str, Any]]:
    mine = [it for it in RULES if it.failure(policy) == failure and it.mode(policy) != "off"]
    mutates = [it for it in mine if it.mode(policy) == "enforce"]
    of_pods = [it for it in (mutates if work == "mutate" else mine) if it.is_about_pods]
    by_name: dict[str, Rule] = {it.name: it for it in mine}
    if work == "mutate":
        copies = policy.daemon_sets.missing_limits == "copyFromRequests"
        if of_pods:
            yield _rule("", "v1", ("pods",), ("CREATE",))
        if of_pods and policy.templates:
            yield _rule("apps", "v1", ("deployments", "statefulsets"))
            yield _rule("batch", "v1", ("cronjobs", "jobs"))
        if (of_pods and policy.templates) or (copies and by_name.get("daemonSets") in mutates):
            yield _rule("apps", "v1", ("daemonsets",))
        return
    # A warning about a pod reaches the controller that made it, and nobody reads it there.
    if any(it.refuses or it.mode(policy) == "audit" for it in of_pods):
        yield _rule("", "v1", ("pods",), ("CREATE",))
    if of_pods:
        yield _rule("apps", "v1", ("deployments", "statefulsets"))
        yield _rule("batch", "v1", ("cronjobs", "jobs"))
    if of_pods or "daemonSets" in by_name:
        yield _rule("apps", "v1", ("daemonsets",))
    if "alerts" in by_name:
        yield _rule(PROMETHEUS_RULE[0], "v1", ("prometheusrules",))


def _rule(
    group: str, version: str, resources: tuple[str, ...], operations: tuple[str, ...] = _ALWAYS
) -> dict[str, Any]:
    return {
        "apiGroups": [group],
        "apiVersions": [version],
        "resources": list(resources),
        "operations": list(operations),
        "scope": "Namespaced",
    }
