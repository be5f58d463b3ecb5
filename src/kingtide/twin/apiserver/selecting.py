"""Label and field selectors of requests: what a list or a watch selects.

Source of the grammar: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ and
https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/ (v1.36).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from kingtide.kube.labels import Requirement, requirement_matches
from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.refusals import ApiRefusal, bad_request
from kingtide.twin.apiserver.resources import Resource

MAX_SELECTOR = 16_384
"""Characters of a selector: what fits in a URL that servers take."""

_KEY = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
_VALUE = r"[-A-Za-z0-9_.]*"
_SET = re.compile(rf"({_KEY})\s+(in|notin)\s*\(([^()]*)\)")
_EQUAL = re.compile(rf"({_KEY})\s*(=|==|!=|>|<)\s*({_VALUE})")
_EXISTS = re.compile(rf"(!?)\s*({_KEY})")
_FIELD = re.compile(r"([^=!]+)(!=|==|=)(.*)")
_COMMA = re.compile(r",(?![^(]*\))")

FIELDS: Mapping[str, tuple[str, ...]] = {
    "Pod": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "Node": ("spec.unschedulable",),
    "Namespace": ("status.phase",),
    "Secret": ("type",),
    "Job": ("status.successful",),
    "ReplicaSet": ("status.replicas",),
    "Event": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
}
"""Fields beside metadata.name and metadata.namespace that a kind can be selected by."""


class FieldTerm(NamedTuple):
    """A field that must, or must not, have a value."""

    field: str
    value: str
    is_equal: bool


class Selection(msgspec.Struct, frozen=True):
    """What a request selects; an empty namespace and no terms select all."""

    namespace: str = ""
    name: str = ""
    labels: tuple[Requirement, ...] = ()
    fields: tuple[FieldTerm, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether it selects every object of the resource."""
        return not (self.namespace or self.name or self.labels or self.fields)

    def selects(self, entry: Entry) -> bool:
        """Return whether an object is selected."""
        if self.namespace and entry.key[0] != self.namespace:
            return False
        if self.name and entry.key[1] != self.name:
            return False
        for term in self.fields:
            if (field_value(entry, term.field) == term.value) != term.is_equal:
                return False
        return all(requirement_matches(it, entry.labels) for it in self.labels)


def label_requirements(text: str) -> tuple[Requirement, ...]:
    """Return the requirements of a label selector.

    Raises:
        ApiRefusal: 400, it is none.
    """
    _check_length(text)
    return tuple(_requirement(part) for part in _COMMA.split(text) if part.strip())


def _requirement(part: str) -> Requirement:
    text = part.strip()
    found = _SET.fullmatch(text)
    if found:
        values = tuple(it.strip() for it in found[3].split(","))
        return Requirement(found[1], "In" if found[2] == "in" else "NotIn", values)
    found = _EQUAL.fullmatch(text)
    if found:
        match found[2]:
            case "=" | "==":
                return Requirement(found[1], "In", (found[3],))
            case "!=":
                return Requirement(found[1], "NotIn", (found[3],))
            case sign:
                return Requirement(found[1], "Gt" if sign == ">" else "Lt", (found[3],))
    found = _EXISTS.fullmatch(text)
    if found:
        return Requirement(found[2], "DoesNotExist" if found[1] else "Exists")
    raise bad_request(f"unable to parse requirement: {text!r} is no label selector")


def field_terms(resource: Resource, text: str) -> tuple[FieldTerm, ...]:
    """Return the terms of a field selector.

    Raises:
        ApiRefusal: 400, it is none, or names a field that the kind is not selected by.
    """
    _check_length(text)
    return tuple(_term(resource, part) for part in text.split(",") if part.strip())


def _term(resource: Resource, part: str) -> FieldTerm:
    found = _FIELD.fullmatch(part.strip())
    if found is None:
        raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    field, sign, value = found.groups()
    known = ("metadata.name", "metadata.namespace", *FIELDS.get(resource.kind, ()))
    if field not in known:
        raise bad_request(f"field label not supported: {field}")
    return FieldTerm(field, value, sign != "!=")


def _check_length(text: str) -> None:
    if len(text) > MAX_SELECTOR:
        raise ApiRefusal(414, "RequestURITooLong", f"a selector has {len(text)} characters")


_DIRECT: Mapping[tuple[str, str], Callable[[Any], str]] = {
    ("Pod", "spec.nodeName"): lambda pod: str(pod.node_name),
    ("Pod", "status.phase"): lambda pod: str(pod.phase),
    ("Node", "spec.unschedulable"): lambda node: "true" if node.unschedulable else "false",
}
"""Fields that are asked for often, without a body."""


def field_value(entry: Entry, field: str) -> str:
    """Return a field as field selectors compare it, empty where it has no value."""
    if field == "metadata.name":
        return entry.key[1]
    if field == "metadata.namespace":
        return entry.key[0]
    direct = _DIRECT.get((entry.resource.kind, field))
    if direct is not None and entry.value is not None:
        return direct(entry.value)
    body: Any = entry.body()
    if field == "status.successful":
        return str(body.get("status", {}).get("succeeded", 0))
    if field == "source":
        return str(body.get("source", {}).get("component", ""))
    for part in field.split("."):
        body = body.get(part) if isinstance(body, dict) else None
    if body is None:
        return ""
    return ("true" if body else "false") if isinstance(body, bool) else str(body)
