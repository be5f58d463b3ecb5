"""Reads objects that can be scaled as the API and manifests write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from whenever import Instant

from kingtide.kube.pods import OwnerReference
from kingtide.kube.scalables import Scalable, ScalableKind

KINDS: tuple[ScalableKind, ...] = get_args(ScalableKind)
"""Every kind that is read here."""


class NotScalable(ValueError):
    """A document that is no object which can be scaled; the message says what is wrong."""


class _Owner(msgspec.Struct, rename="camel"):
    kind: str
    name: str
    uid: str = ""
    api_version: str = "apps/v1"


class _Metadata(msgspec.Struct, rename="camel"):
    name: str
    namespace: str = "default"
    uid: str = ""
    creation_timestamp: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[_Owner] | None = None


class _PodSpec(msgspec.Struct, rename="camel"):
    node_selector: dict[str, str] | None = None


class _Template(msgspec.Struct, rename="camel"):
    spec: _PodSpec | None = None


class _Target(msgspec.Struct, rename="camel"):
    kind: str = ""
    name: str = ""


class _Spec(msgspec.Struct, rename="camel"):
    replicas: int | None = None
    min_replicas: int | None = None
    max_replicas: int | None = None
    min_runners: int | None = None
    suspend: bool | None = None
    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    template: _Template | None = None
    scale_target_ref: _Target | None = None


class _Document(msgspec.Struct, rename="camel"):
    kind: ScalableKind
    metadata: _Metadata
    spec: _Spec | None = None


def read_scalable(document: Mapping[str, Any]) -> Scalable:
    """Return the object of a document; fields that do not scale anything are not looked at.

    Raises:
        NotScalable: it is of another kind, or a field is of another type than the API's.
    """
    try:
        found = msgspec.convert(document, _Document)
    except msgspec.ValidationError as error:
        raise NotScalable(str(error)) from error
    metadata, spec = found.metadata, found.spec or _Spec()
    pods = spec.template.spec if spec.template is not None else None
    selector = pods.node_selector if pods is not None else None
    target = spec.scale_target_ref or _Target()
    return Scalable(
        kind=found.kind,
        namespace=metadata.namespace,
        name=metadata.name,
        uid=metadata.uid,
        created_ms=_time_ms(metadata.creation_timestamp),
        labels=metadata.labels or {},
        annotations=metadata.annotations or {},
        owners=tuple(
            OwnerReference(it.kind, it.name, it.uid, it.api_version)
            for it in metadata.owner_references or ()
        ),
        size=_size(found.kind, spec),
        max_size=spec.max_replicas,
        suspended=spec.suspend,
        node_selector=tuple(sorted((selector or {}).items())),
        min_available=_text(spec.min_available),
        max_unavailable=_text(spec.max_unavailable),
        target_kind=target.kind,
        target_name=target.name,
    )


def _size(kind: ScalableKind, spec: _Spec) -> int | None:
    if kind == "HorizontalPodAutoscaler":
        return spec.min_replicas
    return spec.min_runners if kind == "AutoscalingRunnerSet" else spec.replicas


def _text(amount: int | str | None) -> str | None:
    return None if amount is None else str(amount)


def _time_ms(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return Instant.parse_iso(text).timestamp(unit="millisecond")
    except ValueError:
        return None
