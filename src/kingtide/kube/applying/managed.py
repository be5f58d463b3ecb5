"""Managed fields: which manager set which fields, as an object's metadata says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from kingtide.kube.applying.field_set import FieldSet, in_form, union

MAX_UPDATE_MANAGERS = 10
"""Managers that wrote otherwise than by applying; older ones are merged into one. Source:
DefaultMaxUpdateManagers of apimachinery/pkg/util/managedfields/internal/fieldmanager.go (v0.36)."""

How = Literal["Apply", "Update"]


class Manager(msgspec.Struct, frozen=True):
    """Who sets fields, how, and through which subresource; the version is the API's."""

    name: str
    how: How
    api_version: str
    subresource: str = ""

    @property
    def is_same_as(self) -> tuple[str, How, str]:
        """What two managers share that are one in all versions of the API."""
        return self.name, self.how, self.subresource


class Managed(msgspec.Struct, frozen=True):
    """The fields of one manager, and when it changed them last (as the API writes times)."""

    manager: Manager
    fields: FieldSet
    time: str = ""


class UnreadableManagedFields(ValueError):
    """metadata.managedFields is not what it is to be."""


def read_managed(written: Any) -> tuple[Managed, ...]:
    """Return what an object's managedFields say, none for None.

    Raises:
        UnreadableManagedFields: they are no managed fields.
    """
    if written is None:
        return ()
    if not isinstance(written, list):
        raise UnreadableManagedFields("metadata.managedFields is no list")
    return tuple(_read(it) for it in written if it)


def _read(entry: Any) -> Managed:
    if not isinstance(entry, dict) or not isinstance(entry.get("fieldsV1", {}), dict):
        raise UnreadableManagedFields("an entry of metadata.managedFields is no map")
    how = entry.get("operation")
    if how not in ("Apply", "Update"):
        raise UnreadableManagedFields(f"invalid operation `{how}` in metadata.managedFields")
    said = [entry.get(it, "") for it in ("manager", "apiVersion", "subresource", "time")]
    if not all(isinstance(it, str) for it in said):
        raise UnreadableManagedFields("an entry of metadata.managedFields holds no text")
    name, version, subresource, time = said
    return Managed(Manager(name, how, version, subresource), entry.get("fieldsV1", {}), time)


def managed_body(managed: Sequence[Managed]) -> list[dict[str, Any]]:
    """Return managedFields as the API writes them: who applies first, then by time and name."""
    ordered = sorted(
        managed, key=lambda it: (it.manager.how, it.time, it.manager.name, it.manager.subresource)
    )
    return [_body(it) for it in ordered]


def _body(it: Managed) -> dict[str, Any]:
    body: dict[str, Any] = {
        "manager": it.manager.name,
        "operation": it.manager.how,
        "apiVersion": it.manager.api_version,
    }
    if it.time:
        body["time"] = it.time
    body |= {"fieldsType": "FieldsV1", "fieldsV1": in_form(it.fields)}
    return body | ({"subresource": it.manager.subresource} if it.manager.subresource else {})


def told(managed: Managed) -> str:
    """Return a manager as conflicts name it."""
    it = managed.manager
    text = f'"{it.name}"' + (f' with subresource "{it.subresource}"' if it.subresource else "")
    if it.how == "Apply":
        return text
    text = f"{text} using {it.api_version}"
    return f"{text} at {managed.time}" if managed.time else text


def bounded(managed: Mapping[tuple[str, How, str], Managed]) -> tuple[Managed, ...]:
    """Return managers with some fields; of those that update, the latest MAX_UPDATE_MANAGERS."""
    kept = [it for it in managed.values() if it.fields]
    updates = sorted((it for it in kept if it.manager.how == "Update"), key=lambda it: it.time)
    surplus = updates[: max(0, len(updates) - MAX_UPDATE_MANAGERS + 1)]
    if len(updates) <= MAX_UPDATE_MANAGERS:
        return tuple(kept)
    fields: FieldSet = {}
    for it in surplus:
        fields = union(fields, it.fields)
    latest = surplus[-1]
    ancient = Managed(
        Manager("ancient-changes", "Update", latest.manager.api_version), fields, latest.time
    )
    return (*(it for it in kept if it not in surplus), ancient)
