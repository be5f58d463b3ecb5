"""What every object says of itself: name, uid, labels, owners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from kingtide.kube.pods import OwnerReference
from kingtide.kube.wire.times import time_ms, time_text


class WireOwner(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """An owner reference."""

    kind: str
    name: str
    uid: str = ""
    api_version: str = "apps/v1"
    controller: bool = False


class WireMetadata(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """An object's metadata, as far as anything here reads it."""

    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = "0"
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    generation: int = 0
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: tuple[WireOwner, ...] | None = None

    @property
    def revision(self) -> int:
        """The resourceVersion as a number; it is opaque, and 0 where a server writes no number."""
        return int(self.resource_version) if self.resource_version.isdecimal() else 0

    @property
    def created_ms(self) -> int:
        """When it was created, 0 where nothing tells."""
        return time_ms(self.creation_timestamp) or 0

    @property
    def asked_to_end_ms(self) -> int | None:
        """When its deletion was asked for: deletionTimestamp is the end of the grace period."""
        end_ms = time_ms(self.deletion_timestamp)
        if end_ms is None:
            return None
        return end_ms - 1000 * (self.deletion_grace_period_seconds or 0)

    @property
    def owner(self) -> OwnerReference | None:
        """The owner that controls it, else the first one, None without any."""
        owners = self.owner_references or ()
        it = next((o for o in owners if o.controller), owners[0] if owners else None)
        return None if it is None else OwnerReference(it.kind, it.name, it.uid, it.api_version)


class Described(Protocol):
    """A value that says all of itself that metadata has."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def namespace(self) -> str:
        """Its namespace."""

    @property
    def uid(self) -> str:
        """Its uid."""

    @property
    def resource_version(self) -> int:
        """The revision of its last write."""

    @property
    def created_ms(self) -> int:
        """When it was made."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""

    @property
    def annotations(self) -> Mapping[str, str]:
        """Its annotations."""


def object_metadata(
    it: Described, *, owner: OwnerReference | None = None, generation: int = 0
) -> dict[str, Any]:
    """Return the metadata of a value that says all of itself."""
    return metadata_body(
        it.name,
        namespace=it.namespace,
        uid=it.uid,
        resource_version=it.resource_version,
        created_ms=it.created_ms,
        labels=it.labels,
        annotations=it.annotations,
        owners=() if owner is None else (owner,),
        generation=generation,
    )


def metadata_body(
    name: str,
    *,
    namespace: str = "",
    uid: str = "",
    resource_version: int = 0,
    created_ms: int | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    owners: Sequence[OwnerReference] = (),
    generation: int = 0,
) -> dict[str, Any]:
    """Return metadata as the API writes it; what is empty is left out, as Go's omitempty does."""
    body: dict[str, Any] = {"name": name}
    if namespace:
        body["namespace"] = namespace
    if uid:
        body["uid"] = uid
    if resource_version:
        body["resourceVersion"] = str(resource_version)
    if generation:
        body["generation"] = generation
    if created_ms is not None:
        body["creationTimestamp"] = time_text(created_ms)
    if labels:
        body["labels"] = dict(labels)
    if annotations:
        body["annotations"] = dict(annotations)
    if owners:
        body["ownerReferences"] = [_owner_body(it) for it in owners]
    return body


def _owner_body(owner: OwnerReference) -> dict[str, Any]:
    return {
        "apiVersion": owner.api_version,
        "kind": owner.kind,
        "name": owner.name,
        "uid": owner.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }
