"""Which entries of webhook configurations are to be asked about an object.

Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
(v1.36). Left out: `matchConditions` (an entry with some is always asked), versions other than the
request's, DELETE and CONNECT, and subresources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from kingtide.kube.labels import selector_matches
from kingtide.kube.wire.selectors import WireSelector
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.resources import Resource

Kind = Literal["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]
GROUP, VERSION = "admissionregistration.k8s.io", "v1"
_PLURALS: Mapping[Kind, str] = {
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
}
NAMESPACE_NAME = "kubernetes.io/metadata.name"


class Client(msgspec.Struct, rename="camel", frozen=True):
    """Where an entry's server is."""

    url: str = ""
    service: dict[str, Any] | None = None
    ca_bundle: str = ""


class Rule(msgspec.Struct, rename="camel", frozen=True):
    """Which requests an entry is about."""

    api_groups: tuple[str, ...] = ()
    api_versions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    scope: str = "*"

    def is_about(self, resource: Resource, operation: str) -> bool:
        """Whether it is about an operation on a resource."""
        scopes = ("*", "Namespaced" if resource.namespaced else "Cluster")
        return (
            _among(self.api_groups, resource.group)
            and _among(self.api_versions, resource.version)
            and _among(self.operations, operation)
            and (_among(self.resources, resource.plural) or "*/*" in self.resources)
            and self.scope in scopes
        )


class Entry(msgspec.Struct, rename="camel", frozen=True):
    """One webhook of a configuration."""

    name: str
    client_config: Client = Client()
    rules: tuple[Rule, ...] = ()
    failure_policy: Literal["Fail", "Ignore"] = "Fail"
    timeout_seconds: int = 10
    namespace_selector: WireSelector | None = None
    object_selector: WireSelector | None = None


class _Configuration(msgspec.Struct, frozen=True):
    webhooks: tuple[Entry, ...] | None = None


class Registered:
    """The entries of a world's configurations; those of one that cannot be read are left out."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._known: dict[str, tuple[int, tuple[Entry, ...]]] = {}

    def asked(
        self, kind: Kind, resource: Resource, operation: str, body: Mapping[str, Any] | None = None
    ) -> Iterator[Entry]:
        """Yield the entries about an operation; with a body, only those that select it."""
        if resource.group == GROUP:
            return  # as in Kubernetes: a webhook must not be in the way of its own removal
        for entry in self._entries(kind):
            if any(it.is_about(resource, operation) for it in entry.rules) and (
                body is None or self._selects(entry, resource, body)
            ):
                yield entry

    def _entries(self, kind: Kind) -> Iterator[Entry]:
        resource = self._objects.resources.find(GROUP, VERSION, _PLURALS[kind])
        if resource is None:
            return
        entries = self._objects.table(resource).entries
        for key in sorted(entries):
            it = entries[key]
            known = self._known.get(it.uid)
            if known is None or known[0] != it.revision:
                known = self._known[it.uid] = (it.revision, _read(it.body()))
            yield from known[1]

    def _selects(self, entry: Entry, resource: Resource, body: Mapping[str, Any]) -> bool:
        metadata = body.get("metadata", {})
        own = metadata.get("labels") or {}
        if entry.object_selector and not selector_matches(entry.object_selector.value(), own):
            return False
        if entry.namespace_selector is None:
            return True
        if resource.kind == "Namespace":
            labels = own | {NAMESPACE_NAME: metadata.get("name", "")}
        elif resource.namespaced:
            labels = self._labels_of(metadata.get("namespace", ""))
        else:
            return True
        return selector_matches(entry.namespace_selector.value(), labels)

    def _labels_of(self, namespace: str) -> dict[str, str]:
        found = self._objects.get("Namespace", "", namespace)
        labels = {} if found is None else found.body()["metadata"].get("labels") or {}
        return labels | {NAMESPACE_NAME: namespace}


def _read(body: Mapping[str, Any]) -> tuple[Entry, ...]:
    try:
        return msgspec.convert(body, _Configuration).webhooks or ()
    except msgspec.ValidationError:
        return ()


def _among(values: tuple[str, ...], value: str) -> bool:
    return "*" in values or value in values
