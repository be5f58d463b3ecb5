"""All objects of the server, by resource: the twin's own as they change, others as written.

Reading, watching and writing meet here. A modelled object is changed in the world, and stands here
because the store told it; everything else is put here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from kingtide.control.index import WatchedObject
from kingtide.kube.namespaces import Namespace
from kingtide.kube.pods import Pod
from kingtide.kube.wire.times import time_text
from kingtide.twin.apiserver.entries import Body, Entry, Key
from kingtide.twin.apiserver.generations import has_generation, next_generation
from kingtide.twin.apiserver.history import Change, History
from kingtide.twin.apiserver.overlay import Overlay, merged, part, within
from kingtide.twin.apiserver.resources import Resource, Resources
from kingtide.twin.apiserver.shown.owned import Owner
from kingtide.twin.apiserver.shown.shown import Shown
from kingtide.twin.world import World

OWN_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
"""Every cluster has them."""

Listener = Callable[[Resource, Change], None]


class Table:
    """The objects of one resource, in the order of namespace and name, with their history."""

    def __init__(self, resource: Resource, revision: int) -> None:
        self.resource = resource
        self.entries: dict[Key, Entry] = {}
        self.history = History(revision)
        self._ordered: list[Key] | None = None

    def ordered(self) -> list[Entry]:
        """Return all objects, in order."""
        if self._ordered is None:
            self._ordered = sorted(self.entries)
        entries = self.entries
        return [entries[key] for key in self._ordered]

    def write(self, change: Change) -> None:
        """Put an object, or take it away, and remember it."""
        if change.after is not None:
            key = change.after.key
            if key not in self.entries:
                self._ordered = None
            self.entries[key] = change.after
        elif change.before is not None:
            self._ordered = None
            del self.entries[change.before.key]
        self.history.add(change)


class Objects:
    """Everything the server has. Made from a world once; the world's store tells the rest.

    `overlays` holds what was written through the API of a modelled object and the model does not
    know, by resource and uid; `set_overlay` changes it.
    """

    def __init__(self, world: World, resources: Resources) -> None:
        self.resources = resources
        self.shown = Shown(world)
        self._world = world
        self._store = world.store
        self._tables: dict[str, Table] = {}
        """By the qualified plural: all versions of a resource share their objects."""
        self._by_type: dict[type, Resource] = {}
        self._overlays: dict[tuple[str, str], Overlay] = {}
        self._listeners: list[Listener] = []
        self._stale: dict[Owner, None] = {}
        self._populate()
        self._store.record_by(self._on_write)

    @property
    def revision(self) -> int:
        """The resourceVersion of now."""
        return self._store.revision

    @property
    def now_ms(self) -> int:
        """The cluster's own time, in milliseconds since the Unix epoch."""
        return self._world.engine.now_ms

    def table(self, resource: Resource) -> Table:
        """Return the objects of a resource."""
        table = self._tables.get(resource.qualified)
        if table is None:
            table = self._tables[resource.qualified] = Table(resource, self.revision)
        return table

    def get(self, kind: str, namespace: str, name: str) -> Entry | None:
        """Return a modelled object, None where there is none, or no such kind."""
        resource = self.resources.modelled.get(kind)
        return None if resource is None else self.table(resource).entries.get((namespace, name))

    def entries(self, kind: str) -> Iterable[Entry]:
        """Return all objects of a modelled kind."""
        return self.table(self.resources.modelled[kind]).entries.values()

    def listen(self, listener: Listener) -> None:
        """Tell a listener of every change, right after it stands here."""
        self._listeners.append(listener)

    # ------------------------------------------------------------ what is kept as written

    def put(self, resource: Resource, body: Mapping[str, Any]) -> Entry:
        """Store the body of an object that the twin does not model, new or changed.

        Its resourceVersion is given, its uid and creationTimestamp where it has none.
        """
        metadata = dict(body["metadata"])
        key = (metadata.get("namespace", "") if resource.namespaced else "", metadata["name"])
        revision = self._store.next_revision()
        before = self.table(resource).entries.get(key)
        if has_generation(resource):
            metadata["generation"] = self._generation(before, dict(body))
        uid = metadata.get("uid") or ("" if before is None else before.uid)
        metadata["uid"] = uid or self.new_uid(resource, key, revision)
        metadata.setdefault("creationTimestamp", time_text(self.now_ms))
        metadata["resourceVersion"] = str(revision)
        written = {"apiVersion": resource.api_version, "kind": resource.kind} | dict(body)
        written["metadata"] = metadata
        entry = Entry(resource, key, metadata["uid"], revision, self._render, written=written)
        self._write(resource, Change(revision, before, entry))
        return entry

    def put_value(self, resource: Resource, value: Any) -> Entry:
        """Store a value of a kind that the world itself has no place for (PriorityClass)."""
        key = _key(value)
        before = self.table(resource).entries.get(key)
        entry = self._modelled(resource, value, self._store.next_revision())
        self._write(resource, Change(entry.revision, before, entry))
        return entry

    def remove(self, entry: Entry) -> Entry:
        """Remove an object that stands here alone; return its last version."""
        last = entry.at(self._store.next_revision())
        self._write(entry.resource, Change(last.revision, entry, None))
        return last

    def drop(self, resource: Resource) -> None:
        """Forget a resource with all its objects: its definition was deleted."""
        for entry in self.table(resource).ordered():
            self.remove(entry)
        self._tables.pop(resource.qualified).history.wake()

    # ------------------------------------------------------------ beside the twin's own

    def overlay(self, entry: Entry) -> Overlay | None:
        """Return what was written of a modelled object that its value does not know."""
        return self._overlays.get((entry.resource.kind, entry.uid))

    def set_overlay(self, entry: Entry, overlay: Overlay | None) -> Entry:
        """Change what stands beside a modelled object's value; that is a write like any other."""
        place = (entry.resource.kind, entry.uid)
        if overlay is None:
            self._overlays.pop(place, None)
        else:
            self._overlays[place] = overlay
        return self.touch(entry)

    def expect_overlay(self, resource: Resource, uid: str, overlay: Overlay | None) -> None:
        """Say what will stand beside a modelled object's value from its next write on."""
        if overlay is None:
            self._overlays.pop((resource.kind, uid), None)
        else:
            self._overlays[(resource.kind, uid)] = overlay

    def touch(self, entry: Entry) -> Entry:
        """Give a modelled object a new revision, since its body changed and its value did not."""
        revision = self._store.next_revision()
        new = self._modelled(entry.resource, entry.value, revision)
        self._write(entry.resource, Change(revision, entry, new))
        return new

    def new_uid(self, resource: Resource, key: Key, revision: int) -> str:
        """Return a uid in the usual form, the same in every run for the same write."""
        text = f"{resource.qualified}/{key[0]}/{key[1]}/{revision}".encode()
        digits = blake2b(text, digest_size=16).hexdigest()
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return "-".join(parts)

    # ------------------------------------------------------------ inside

    def _render(self, entry: Entry) -> Body:
        model = entry.resource.model
        if model is None or entry.value is None:
            assert entry.written is not None, entry.key
            body = dict(entry.written)
            return body | {"metadata": body["metadata"] | {"resourceVersion": str(entry.revision)}}
        known = model.body(entry.value)
        if entry.generation:
            known["metadata"]["generation"] = entry.generation
        body = self.shown.body(entry.value, entry.seen, known)
        body["metadata"]["resourceVersion"] = str(entry.revision)
        body["metadata"].setdefault("uid", entry.uid)
        found: Body = merged(body, entry.overlay)
        return found

    def _modelled(self, resource: Resource, value: Any, revision: int) -> Entry:
        key = _key(value)
        uid = getattr(value, "uid", "") or self.new_uid(resource, key, 0)
        overlay = self._overlays.get((resource.kind, uid))
        seen = self.shown.of(value)
        entry = Entry(resource, key, uid, revision, self._render, value, None, overlay, seen)
        if has_generation(resource):
            before = self.table(resource).entries.get(key)
            is_same = before is not None and (before.value, before.overlay) == (value, overlay)
            if before is not None and is_same:
                entry.generation = before.generation
            else:
                entry.generation = self._generation(before, self._render(entry))
        return entry

    def _generation(self, before: Entry | None, body: Body) -> int:
        """Return the generation of an object that is written as `body`."""
        if before is None:
            return 1
        live = before.body()
        return next_generation(live["metadata"].get("generation", 1), live, body)

    def _on_write(self, old: WatchedObject | None, new: WatchedObject | None) -> None:
        it = new if new is not None else old
        if isinstance(it, Pod):
            self._count(old, new)
        resource = None if it is None else self._by_type.get(type(it))
        if it is None or resource is None:
            return
        before = self.table(resource).entries.get(_key(it))
        if old is None and self._overlays:
            self._inherit(resource, it)
        if new is None:
            if before is not None:
                self._overlays.pop((resource.kind, before.uid), None)
                self._write(resource, Change(self.revision, before, None))
            return
        self._write(
            resource, Change(self.revision, before, self._modelled(resource, new, self.revision))
        )

    def _inherit(self, resource: Resource, made: WatchedObject) -> None:
        """Give what a controller made what the template that it is made from says beyond it."""
        owner = getattr(made, "owner", None)
        place = (resource.kind, getattr(made, "uid", ""))
        if owner is None or place in self._overlays:
            return
        above = self.get(owner.kind, getattr(made, "namespace", ""), owner.name)
        if above is None or above.overlay is None or above.uid != owner.uid:
            return
        match resource.kind, owner.kind:
            case "Pod", _:
                found = part(above.overlay, "spec", "template")
            case "ReplicaSet", "Deployment":
                found = within(part(above.overlay, "spec", "template"), "spec", "template")
            case "Job", "CronJob":
                found = within(part(above.overlay, "spec", "jobTemplate", "spec"), "spec")
            case _:
                return
        if found is not None:
            self._overlays[place] = found

    def _count(self, old: WatchedObject | None, new: WatchedObject | None) -> None:
        """Note whose status another pod changes; it is written once the world stands still."""
        before = old if isinstance(old, Pod) else None
        after = new if isinstance(new, Pod) else None
        for owner in self.shown.take_pod(before, after):
            self._stale[owner] = None

    def settle(self) -> None:
        """Write the status of everything whose pods changed since this was called last."""
        stale, self._stale = self._stale, {}
        for kind, namespace, name in stale:
            entry = self.get(kind, namespace, name)
            if entry is not None and self.shown.of(entry.value) != entry.seen:
                self.touch(entry)
        rolling = [self.get("Deployment", *key) for key in self.shown.rolling()]
        for it in [*rolling, *self.entries("HorizontalPodAutoscaler")]:
            if it is not None and self.shown.of(it.value) != it.seen:
                self.touch(it)

    def _write(self, resource: Resource, change: Change) -> None:
        self.table(resource).write(change)
        for listener in self._listeners:
            listener(resource, change)

    def _populate(self) -> None:
        store, definition = self._store, self._world.definition
        values: dict[str, Sequence[Any]] = {
            "Node": [*store.nodes.values()],
            "Pod": [*store.pods.values()],
            "Namespace": self._namespaces(),
            "ConfigMap": [*store.config_maps.values()],
            "Deployment": [*store.deployments.values()],
            "ReplicaSet": [*store.replica_sets.values()],
            "StatefulSet": [*store.stateful_sets.values()],
            "DaemonSet": [*store.daemon_sets.values()],
            "Job": [*store.jobs.values()],
            "CronJob": [*store.cron_jobs.values()],
            "PodDisruptionBudget": [*store.disruption_budgets.values()],
            "HorizontalPodAutoscaler": [*store.autoscalers.values()],
            "PriorityClass": [*definition.priority_classes],
        }
        for pod in store.pods.values():
            self.shown.take_pod(None, pod)
        for kind, found in values.items():
            resource = self.resources.modelled[kind]
            table = self.table(resource)
            for value in found:
                revision = value.resource_version or self.revision
                entry = self._modelled(resource, value, revision)
                table.entries[entry.key] = entry
        for kind, resource in self.resources.modelled.items():
            self._by_type[_TYPES[kind]] = resource

    def _namespaces(self) -> Sequence[Namespace]:
        """Return the world's namespaces and those that need not stand in it."""
        store = self._store
        named = {it.namespace for it in store.pods.values()}
        named |= {it.namespace for it in store.config_maps.values()}
        applications = self._world.definition.applications
        named |= {it.namespace for it in applications}
        others = sorted((named | {*OWN_NAMESPACES}) - {*store.namespaces})
        return [*store.namespaces.values(), *(Namespace(name) for name in others)]


def _key(value: Any) -> Key:
    return (getattr(value, "namespace", ""), value.name)


def _types() -> Mapping[str, type[msgspec.Struct]]:
    from kingtide.kube import autoscalers, jobs, namespaces, nodes, pods, workloads

    found: tuple[type[msgspec.Struct], ...] = (
        nodes.Node, pods.Pod, namespaces.Namespace, workloads.ConfigMap, workloads.Deployment,
        workloads.ReplicaSet, workloads.StatefulSet, workloads.DaemonSet, jobs.Job, jobs.CronJob,
        workloads.PodDisruptionBudget, autoscalers.HorizontalPodAutoscaler, workloads.PriorityClass,
    )  # fmt: skip
    return {it.__name__: it for it in found}


_TYPES = _types()
