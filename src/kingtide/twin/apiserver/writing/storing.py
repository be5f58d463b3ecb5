"""The way into the world: a whole body becomes a value, or is kept as it was written.

What the twin models goes through the component that runs it, and what it does not know of such an
object is kept beside; nothing is stored of a body that cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.quantities import QuantityError
from kingtide.twin.apiserver.causes import Cause, invalid
from kingtide.twin.apiserver.entries import Body, Entry
from kingtide.twin.apiserver.generations import has_generation, next_generation
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.overlay import Overlay, digest, merged, part, unmodelled
from kingtide.twin.apiserver.refusals import ApiRefusal
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.writing.autoscaling import read_spec
from kingtide.twin.object_changes import ObjectChanges, Unmodelled

_SCALING = "HorizontalPodAutoscaler"
_ROLLED_OUT = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")
"""Kinds whose pods follow their template, whatever of it changes."""
_NOT_IN_THE_WORLD = ("PriorityClass",)
"""Modelled kinds that the world has no place for once it runs."""


class Storing:
    """Stores bodies that were checked."""

    def __init__(self, objects: Objects, changes: ObjectChanges) -> None:
        self._objects = objects
        self._changes = changes

    def preview(self, resource: Resource, body: Body, live: Body | None = None) -> Body:
        """Return what an object would be, stored (a dry run); `live` is it so far.

        Raises:
            ApiRefusal: 422, it cannot be read.
        """
        generation = body["metadata"].get("generation", 1)
        if live is not None:
            generation = next_generation(generation, live, body)
        if resource.model is None:
            found = body
        else:
            value = self._value(resource, body)
            known = self._known(resource, value, body)
            found = merged(known, unmodelled(body, known))
        if has_generation(resource):
            found = found | {"metadata": found["metadata"] | {"generation": generation}}
        return found

    def create(self, resource: Resource, body: Body) -> Entry:
        """Store a new object; its metadata has a name and a uid.

        Raises:
            ApiRefusal: 422, it cannot be read; 405, nothing could run it.
        """
        if resource.model is None:
            return self._objects.put(resource, body)
        value, overlay = self._read(resource, body)
        key = (body["metadata"].get("namespace", ""), body["metadata"]["name"])
        uid = body["metadata"]["uid"]
        self._objects.expect_overlay(resource, uid, overlay)
        try:
            if resource.kind in _NOT_IN_THE_WORLD:
                return self._objects.put_value(resource, value)
            self._autoscale(value, body)
            self._changes.create(value)
        except (Unmodelled, ValueError) as error:
            self._objects.expect_overlay(resource, uid, None)
            raise _refused(resource, body, error) from error
        return self._objects.table(resource).entries[key]

    def change(self, entry: Entry, body: Body) -> Entry:
        """Store what is changed of an object.

        Raises:
            ApiRefusal: 422, it cannot be read.
        """
        resource = entry.resource
        if resource.model is None or entry.value is None:
            return self._objects.put(resource, body)
        value, overlay = self._read(resource, body)
        is_other = self._autoscale_changed(value, body) or overlay != self._objects.overlay(entry)
        if not _is_value(entry, value):
            before = self._objects.overlay(entry)
            self._objects.expect_overlay(resource, entry.uid, overlay)
            try:
                if resource.kind in _NOT_IN_THE_WORLD:
                    return self._objects.put_value(resource, value)
                self._changes.change(value)
            except (Unmodelled, ValueError) as error:
                self._objects.expect_overlay(resource, entry.uid, before)
                raise _refused(resource, body, error) from error
        table = self._objects.table(resource)
        found = table.entries[entry.key]
        if found is entry and is_other:
            return self._objects.set_overlay(entry, overlay)
        return found

    def remove(self, entry: Entry, grace_seconds: int | None = None) -> Entry | None:
        """Remove an object; return it while it still stands, with the time of its end.

        Raises:
            ApiRefusal: 405, nothing here could do without it.
        """
        if entry.value is None or not self._is_in_world(entry):
            self._objects.remove(entry)
            return None
        try:
            self._changes.remove(entry.value, grace_seconds)
        except Unmodelled as error:
            raise ApiRefusal(405, "MethodNotAllowed", str(error)) from error
        return self._objects.table(entry.resource).entries.get(entry.key)

    def orphan(self, entry: Entry) -> None:
        """Remove an object and leave what it owns."""
        self._changes.orphan(entry.value)

    def empty(self, entry: Entry) -> None:
        """Remove the pods of an object that is to go after them."""
        self._changes.empty(entry.value)

    # ------------------------------------------------------------ inside

    def _autoscale(self, value: Any, body: Body) -> bool:
        """Have an autoscaler scale as its body says; say whether it does otherwise than before."""
        if not isinstance(value, HorizontalPodAutoscaler):
            return False
        return self._changes.autoscale(value, read_spec(value, body))

    def _autoscale_changed(self, value: Any, body: Body) -> bool:
        try:
            return self._autoscale(value, body)
        except (Unmodelled, ValueError) as error:
            raise _refused(self._objects.resources.modelled[_SCALING], body, error) from error

    def _is_in_world(self, entry: Entry) -> bool:
        kind = entry.resource.kind
        if kind == "Namespace":
            return self._changes.has_namespace(entry.name)
        return kind not in _NOT_IN_THE_WORLD

    def _value(self, resource: Resource, body: Body) -> Any:
        assert resource.model is not None
        try:
            return resource.model.read(msgspec.json.encode(body))
        except (ValueError, QuantityError) as error:
            name = body["metadata"].get("name", "")
            raise invalid(resource, name, [_cause(error)]) from error

    def _read(self, resource: Resource, body: Body) -> tuple[Any, Overlay | None]:
        """Return a body's value and what it says beyond it; another template is rolled out."""
        value = self._value(resource, body)
        overlay = unmodelled(body, self._known(resource, value, body))
        if resource.kind in _ROLLED_OUT:
            beside = digest(part(overlay, "spec", "template"))
            template = msgspec.structs.replace(value.template, beside=beside)
            value = msgspec.structs.replace(value, template=template)
        return value, overlay

    def _known(self, resource: Resource, value: Any, body: Body) -> Body:
        assert resource.model is not None
        known = resource.model.body(value)
        if "status" in body:
            # The status is the model's word, or kept field by field where it has none.
            shown = self._objects.shown
            generation = body["metadata"].get("generation")
            if generation is not None and has_generation(resource):
                known["metadata"]["generation"] = generation  # what its controller has seen
            known = shown.body(value, shown.of(value), known)
        return known


def _cause(error: Exception) -> Cause:
    """Return where a body could not be read; msgspec says it at the end: `... - at `$.spec`."""
    text, _, place = str(error).partition(" - at `$.")
    return Cause(place.rstrip("`") or "spec", f"Invalid value: {text}")


def _refused(resource: Resource, body: Mapping[str, Any], error: Exception) -> ApiRefusal:
    if isinstance(error, Unmodelled):
        return ApiRefusal(405, "MethodNotAllowed", str(error))
    return invalid(resource, body["metadata"].get("name", ""), [_cause(error)])


def _is_value(entry: Entry, value: Any) -> bool:
    """Return whether a value is the stored one but for its revision."""
    stored = msgspec.structs.replace(entry.value, resource_version=0)
    return bool(stored == msgspec.structs.replace(value, resource_version=0))
