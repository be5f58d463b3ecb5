"""Delete: one object or many, gracefully, with what it owns, once nobody holds on to it.

Source: https://kubernetes.io/docs/concepts/architecture/garbage-collection/ and
https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kingtide.kube.wire.times import time_text
from kingtide.twin.apiserver.entries import Body, Entry, Key
from kingtide.twin.apiserver.objects import OWN_NAMESPACES, Objects
from kingtide.twin.apiserver.refusals import ApiRefusal, conflict
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.writing import definitions
from kingtide.twin.apiserver.writing.dependents import Dependents
from kingtide.twin.apiserver.writing.options import DeleteOptions
from kingtide.twin.apiserver.writing.storing import Storing

_OWNING = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet")
"""Kinds whose pods, or what has them, the twin's controllers own."""
FOREGROUND = "foregroundDeletion"
"""The finalizer of what goes after all that it owns."""


_IN_THE_BACKGROUND = DeleteOptions()


class Deleting:
    """Deletes objects."""

    def __init__(self, objects: Objects, storing: Storing) -> None:
        self._objects = objects
        self._storing = storing
        self._dependents = Dependents(objects)
        self._after_pods: dict[str, tuple[str, Key]] = {}
        """Kind and key of what goes once its pods are gone, by uid."""

    def delete(self, entry: Entry, options: DeleteOptions) -> Body | None:
        """Delete an object; return it while it still stands, None when it is gone.

        Raises:
            ApiRefusal: 409, it is another one than expected; 403 or 405, it cannot be deleted.
        """
        resource = entry.resource
        if options.uid and options.uid != entry.uid:
            said = (
                f"the UID in the precondition ({options.uid}) does not match the UID in record"
                f" ({entry.uid}). The object might have been deleted and then recreated"
            )
            raise conflict(resource, entry.name, said)
        if options.revision and options.revision != str(entry.revision):
            raise conflict(resource, entry.name, f"the resourceVersion is {entry.revision} now")
        if resource.kind == "Namespace" and entry.name in OWN_NAMESPACES:
            what = f'namespaces "{entry.name}" is forbidden'
            raise ApiRefusal(403, "Forbidden", f"{what}: this namespace may not be deleted")
        if options.is_dry_run:
            return entry.body()
        if _finalizers(entry.body()) and resource.kind != "Pod":
            return self._await_finalizers(entry).body()
        if options.propagation == "Orphan":
            self._orphan(entry)
        if options.propagation == "Orphan" and resource.kind in _OWNING:
            self._storing.orphan(entry)
            return None
        if options.propagation == "Foreground" and resource.kind in _OWNING:
            return self._go_after_pods(entry).body()
        return self._gone(entry, options.grace_seconds)

    def delete_all(self, entries: Iterable[Entry], options: DeleteOptions) -> list[Entry]:
        """Delete a collection and return what was in it."""
        found = [*entries]
        for entry in found:
            now = self._objects.table(entry.resource).entries.get(entry.key)
            if now is not None:
                self.delete(now, options)
        return found

    def settle(self, entry: Entry) -> bool:
        """Delete an object that waited for its finalizers, when it has none left; say whether."""
        if entry.resource.kind == "Pod" or b'"deletionTimestamp"' not in entry.encoded:
            return False
        body = entry.body()
        if not body["metadata"].get("deletionTimestamp") or _finalizers(body):
            return False
        self._gone(entry, None)
        return True

    def settle_all(self) -> None:
        """Delete everything that waited for its pods, and has none left."""
        for uid, (kind, key) in [*self._after_pods.items()]:
            entry = self._objects.get(kind, *key)
            if entry is None or entry.uid != uid:
                del self._after_pods[uid]
            elif not self._has_pods(entry):
                del self._after_pods[uid]
                body = entry.body()
                body["metadata"]["finalizers"] = [
                    it for it in _finalizers(body) or () if it != FOREGROUND
                ]
                self.settle(self._storing.change(entry, body))

    # ------------------------------------------------------------ inside

    def _go_after_pods(self, entry: Entry) -> Entry:
        """Let an object stand until its pods are gone, as foreground deletion does.

        Kubernetes deletes a Deployment's ReplicaSets and a CronJob's Jobs so in turn; here they
        stand without pods until then, and go with it.
        """
        body = entry.body()
        metadata = body["metadata"]
        if FOREGROUND not in (metadata.get("finalizers") or ()):
            metadata["finalizers"] = [*(metadata.get("finalizers") or ()), FOREGROUND]
            entry = self._storing.change(entry, body)
        entry = self._await_finalizers(entry)
        self._after_pods[entry.uid] = (entry.resource.kind, entry.key)
        self._storing.empty(entry)
        return self._objects.table(entry.resource).entries[entry.key]

    def _has_pods(self, entry: Entry) -> bool:
        """Return whether a pod, also one that is ending, is an object's or of what it owns."""
        uids = {entry.value.uid}
        for kind in ("ReplicaSet", "Job"):
            for it in self._objects.entries(kind):
                if it.value.owner is not None and it.value.owner.uid == entry.value.uid:
                    uids.add(it.value.uid)
        pods = self._objects.entries("Pod")
        return any(it.value.owner is not None and it.value.owner.uid in uids for it in pods)

    def _gone(self, entry: Entry, grace_seconds: int | None) -> Body | None:
        if entry.resource.kind == "Namespace":
            self._empty(entry.name)
        left = self._storing.remove(entry, grace_seconds)
        if left is not None:
            return left.body()
        self._collect(entry)
        if entry.resource.kind == definitions.KIND:
            definitions.forget(self._objects, entry.resource, entry.body())
        return None

    def _await_finalizers(self, entry: Entry) -> Entry:
        body = entry.body()
        if body["metadata"].get("deletionTimestamp"):
            return entry
        body["metadata"]["deletionTimestamp"] = time_text(self._objects.now_ms)
        body["metadata"]["deletionGracePeriodSeconds"] = 0
        return self._storing.change(entry, body)

    def _empty(self, namespace: str) -> None:
        """Delete all that is in a namespace, owners before what they own."""
        for resource in [*self._objects.resources]:
            if not resource.namespaced:
                continue
            for entry in self._objects.table(resource).ordered():
                if entry.namespace == namespace and not _has_owner(entry):
                    self._storing.remove(entry, 0)

    def _collect(self, owner: Entry) -> None:
        """Delete what was owned by an object that is gone, and by nobody else."""
        for entry, others in [*self._dependents.of(owner)]:
            standing = self._objects.table(entry.resource).entries.get(entry.key)
            if standing is None or standing.uid != entry.uid:
                continue  # it went with another dependent
            if others:
                self._leave(standing, others)
            else:
                self.delete(standing, _IN_THE_BACKGROUND)

    def _orphan(self, owner: Entry) -> None:
        """Have what an object owns own itself."""
        for entry, others in [*self._dependents.of(owner)]:
            if not _is_of_the_twin(entry, owner):
                self._leave(entry, others)

    def _leave(self, entry: Entry, others: list[Any]) -> None:
        body = entry.body()
        body["metadata"].pop("ownerReferences")
        if others:
            body["metadata"]["ownerReferences"] = others
        self._storing.change(entry, body)


def _is_of_the_twin(entry: Entry, owner: Entry) -> bool:
    """Return whether one of the twin's controllers owns an object."""
    return _has_owner(entry) and entry.value.owner.uid == owner.uid


def _finalizers(body: Body) -> Any:
    return body["metadata"].get("finalizers")


def _has_owner(entry: Entry) -> bool:
    """Return whether one of the twin's controllers owns an object, and removes it."""
    it = getattr(entry.value, "owner", None)
    return it is not None and it.kind in _OWNING


def deleted_status(resource: Resource, entry: Entry) -> Body:
    """Return what answers the deletion of what is gone at once."""
    details = {"name": entry.name, "kind": resource.plural, "uid": entry.uid}
    if resource.group:
        details["group"] = resource.group
    head = {"kind": "Status", "apiVersion": "v1", "metadata": {}}
    return head | {"status": "Success", "details": details}
