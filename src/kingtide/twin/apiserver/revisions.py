"""ControllerRevisions of StatefulSets and DaemonSets: by them `kubectl rollout undo` goes back.

Source: https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/controller, history/
controller_history.go and getPatch of statefulset/stateful_set_utils.go and daemon/update.go.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

from kingtide.controlplane.workloads.revision import CONTROLLER_REVISION_HASH
from kingtide.twin.apiserver.entries import Body, Entry, Key
from kingtide.twin.apiserver.history import Change
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.resources import Resource

KINDS = ("StatefulSet", "DaemonSet")
MAX_REVISIONS = 10
"""Kept beside the present one (revisionHistoryLimit's default, apis/apps/v1/defaults.go)."""


class Revisions:
    """Writes a revision for every template that a set has had; `settle` writes what is due."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        found = (it for it in objects.resources if it.kind == "ControllerRevision")
        self._resource = next(found)
        self._due: dict[tuple[str, Key], None] = {}
        for kind in KINDS:
            self._due |= {(kind, it.key): None for it in objects.entries(kind)}
        objects.listen(self._on_change)

    def settle(self) -> None:
        """Write the revisions of every set whose template is another."""
        due, self._due = self._due, {}
        for kind, key in due:
            entry = self._objects.get(kind, *key)
            if entry is not None:
                self._write(entry)

    def _on_change(self, resource: Resource, change: Change) -> None:
        if resource.kind not in KINDS or change.after is None:
            return
        before, after = change.before, change.after
        if before is None or before.generation != after.generation:
            self._due[resource.kind, after.key] = None

    def _write(self, entry: Entry) -> None:
        body = entry.body()
        template = body["spec"]["template"]
        data = {"spec": {"template": template | {"$patch": "replace"}}}
        known = self._of(entry.uid, entry.namespace)
        last = known[-1][0] if known else 0
        for number, revision in known:
            if revision["data"] == data:
                if number < last:  # an earlier template again: it is the newest now
                    self._objects.put(self._resource, revision | {"revision": last + 1})
                return
        digest = blake2b(msgspec.json.encode([data, last]), digest_size=5).hexdigest()
        name = getattr(entry.value, "update_revision", "") or f"{entry.name}-{digest}"
        if any(it["metadata"]["name"] == name for _, it in known):
            name = f"{entry.name}-{digest}"  # another template by what is not modelled alone
        labels = template.get("metadata", {}).get("labels") or {}
        owner = {
            "apiVersion": "apps/v1",
            "kind": entry.resource.kind,
            "name": entry.name,
            "uid": entry.uid,
            "controller": True,
            "blockOwnerDeletion": True,
        }
        metadata = {
            "name": name,
            "namespace": entry.namespace,
            "labels": labels | {CONTROLLER_REVISION_HASH: name},
            "ownerReferences": [owner],
        }
        made = {"metadata": metadata, "data": data, "revision": last + 1}
        self._objects.put(self._resource, made)
        for _, oldest in known[: max(0, len(known) - MAX_REVISIONS)]:
            found = self._objects.table(self._resource).entries
            self._objects.remove(found[entry.namespace, oldest["metadata"]["name"]])

    def _of(self, uid: str, namespace: str) -> list[tuple[int, Body]]:
        """Return a set's revisions with their numbers, the oldest first."""
        found: list[tuple[int, Any]] = []
        for entry in self._objects.table(self._resource).ordered():
            if entry.namespace != namespace:
                continue
            body = entry.body()
            owners = body["metadata"].get("ownerReferences") or ()
            if any(it.get("uid") == uid for it in owners):
                found.append((body["revision"], body))
        return sorted(found, key=lambda it: it[0])
