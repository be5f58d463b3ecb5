"""What an object must and may not say: names, required fields, and what never changes.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ (v1.36) and the
validation of pkg/apis in kubernetes v1.36.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from kingtide.twin.apiserver.causes import Cause, invalid, invalid_value, required
from kingtide.twin.apiserver.custom.checking import violations
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.services import read_service_spec
from kingtide.twin.apiserver.writing.fields import Form, form_of

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_PATH_SEGMENT = re.compile(r"[^/%]+")
_NAMED_FREELY = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
_NAMED_AS_LABEL = ("Namespace", "Service")
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
    " '.', and must start and end with an alphanumeric character"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must"
    " start and end with an alphanumeric character"
)
_LABEL_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_QUALIFIED_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
    " alphanumeric character"
)
MAX_TOLD = 50
"""Mistakes of a custom object that are told at once."""
MAX_ANNOTATION_BYTES = 256 << 10
"""Of all annotations together (apimachinery/pkg/api/validation/objectmeta.go, v0.36)."""

_NOT_NEGATIVE = {
    "spec.replicas",
    "spec.minReadySeconds",
    "spec.progressDeadlineSeconds",
    "spec.revisionHistoryLimit",
    "spec.parallelism",
    "spec.completions",
    "spec.backoffLimit",
}
_SELECTING = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


def check(
    resource: Resource, body: Mapping[str, Any], live: Mapping[str, Any] | None = None
) -> None:
    """Check an object as it is to be stored; `live` was checked when it was.

    Raises:
        ApiRefusal: 422, with everything that is wrong.
    """
    metadata = body["metadata"]
    causes = [*_metadata(resource, metadata)]
    form = form_of(resource)
    if form is not None:
        before = live or {}
        same = [name for name, it in body.items() if name in before and it is before[name]]
        causes += _required(body, form, "", same)
    causes += _spec(resource, body)
    if resource.kind == "Service" and not causes:
        causes += _service(body)
    if resource.schema is not None:
        causes += islice(violations(body, resource.schema), MAX_TOLD)
    if causes:
        raise invalid(resource, metadata.get("name", ""), causes)


def check_unchanged(
    resource: Resource, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Check that what never changes has not.

    Raises:
        ApiRefusal: 422, it has.
    """
    causes = []
    if resource.kind in _SELECTING:
        was, now = (it.get("spec", {}).get("selector") for it in (before, after))
        if was != now:
            causes.append(invalid_value("spec.selector", now, "field is immutable"))
    if resource.kind == "Pod" and _fixed(before) != _fixed(after):
        why = (
            "pod updates may not change fields other than `spec.containers[*].image`,"
            " `spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations`"
            " (only additions to existing tolerations), `spec.terminationGracePeriodSeconds`"
        )
        causes.append(Cause("spec", f"Forbidden: {why}", "FieldValueForbidden"))
    if resource.kind == "Job":
        was, now = (it.get("spec", {}).get("template") for it in (before, after))
        if was != now:
            causes.append(invalid_value("spec.template", "", "field is immutable"))
    if causes:
        raise invalid(resource, after["metadata"]["name"], causes)


def _fixed(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {k: v for k, v in body.get("spec", {}).items() if k != "activeDeadlineSeconds"}


def _metadata(resource: Resource, metadata: Mapping[str, Any]) -> Iterator[Cause]:
    name = metadata.get("name", "")
    if resource.kind in _NAMED_FREELY:
        rule, why, longest = _PATH_SEGMENT, "may not contain '/' or '%'", 253
    elif resource.kind in _NAMED_AS_LABEL:
        rule, why, longest = _LABEL, _LABEL_RULE, 63
    else:
        rule, why, longest = _SUBDOMAIN, _SUBDOMAIN_RULE, 253
    if not rule.fullmatch(name) or name in (".", ".."):
        yield invalid_value("metadata.name", name, why)
    elif len(name) > longest:
        yield invalid_value("metadata.name", name, f"must be no more than {longest} bytes")
    for key, value in (metadata.get("labels") or {}).items():
        if not _LABEL_KEY.fullmatch(key) or len(key) > 317:
            yield invalid_value("metadata.labels", key, f"name part {_QUALIFIED_RULE}")
        if not _LABEL_VALUE.fullmatch(value):
            yield invalid_value("metadata.labels", value, f"a valid label {_QUALIFIED_RULE}")
    annotations = metadata.get("annotations") or {}
    if sum(len(k) + len(v) for k, v in annotations.items()) > MAX_ANNOTATION_BYTES:
        text = f"Too long: may not be more than {MAX_ANNOTATION_BYTES} bytes"
        yield Cause("metadata.annotations", text)


def _required(
    body: Mapping[str, Any], form: Form, path: str, known: Sequence[str] = ()
) -> Iterator[Cause]:
    """Yield the fields that an object must have and this one has not; `known` ones have theirs."""
    assert form.fields is not None, form.name
    for name in form.required:
        if name not in body:
            yield required(f"{path}{name}")
    for name, value in body.items():
        if not isinstance(value, (dict, list)) or name in known:
            continue
        it = form.fields.get(name)
        if it is None:
            continue
        if it.fields is not None and isinstance(value, dict):
            yield from _required(value, it, f"{path}{name}.")
        elif it.element is not None and it.element.fields is not None and isinstance(value, list):
            for number, each in enumerate(value):
                yield from _required(each, it.element, f"{path}{name}[{number}].")


def _spec(resource: Resource, body: Mapping[str, Any]) -> Iterator[Cause]:
    spec = body.get("spec")
    if not isinstance(spec, Mapping):
        return
    for name, value in spec.items():
        field = f"spec.{name}"
        if field in _NOT_NEGATIVE and isinstance(value, int) and value < 0:
            yield invalid_value(field, value, "must be greater than or equal to 0")
    if resource.kind in _SELECTING:
        yield from _selection(spec)
    if resource.kind == "PodDisruptionBudget" and {"minAvailable", "maxUnavailable"} <= {*spec}:
        both = {name: spec[name] for name in ("minAvailable", "maxUnavailable")}
        yield invalid_value("spec", both, "minAvailable and maxUnavailable cannot be both set")
    if resource.kind == "HorizontalPodAutoscaler":
        least, most = spec.get("minReplicas", 1), spec.get("maxReplicas", 1)
        if most < 1:
            yield invalid_value("spec.maxReplicas", most, "must be greater than 0")
        elif most < least:
            why = "must be greater than or equal to `minReplicas`"
            yield invalid_value("spec.maxReplicas", most, why)


def _service(body: Mapping[str, Any]) -> Iterator[Cause]:
    try:
        read_service_spec(body)
    except ValueError as error:
        text, _, place = str(error).partition(" - at `$.")
        yield Cause(place.rstrip("`") or "spec", f"Invalid value: {text}")


def _selection(spec: Mapping[str, Any]) -> Iterator[Cause]:
    wanted = (spec.get("selector") or {}).get("matchLabels") or {}
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        why = "`selector` does not match template `labels`"
        yield invalid_value("spec.template.metadata.labels", labels, why)
    policy = (template.get("spec") or {}).get("restartPolicy", "Always")
    if policy != "Always":
        text = f'Unsupported value: "{policy}": supported values: "Always"'
        yield Cause("spec.template.spec.restartPolicy", text, "FieldValueNotSupported")
