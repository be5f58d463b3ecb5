"""The scale of a workload: how many pods it wants, and how they are selected.

Source: https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/#scale-v1-autoscaling.
"""

from __future__ import annotations

from typing import Any

from kingtide.twin.apiserver.causes import invalid, invalid_value
from kingtide.twin.apiserver.entries import Body, Entry
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.paths import Target
from kingtide.twin.apiserver.refusals import bad_request, no_such_resource, not_found
from kingtide.twin.apiserver.schemas import schema_of
from kingtide.twin.apiserver.writing.changing import Changing
from kingtide.twin.apiserver.writing.options import PatchKind, WriteOptions
from kingtide.twin.apiserver.writing.patching import patched


class Scales:
    """Reads and writes scales."""

    def __init__(self, objects: Objects, changing: Changing) -> None:
        self._objects = objects
        self._changing = changing

    def read(self, target: Target) -> Body:
        """Return the scale of an object.

        Raises:
            ApiRefusal: 404, there is no such object, or it has no scale.
        """
        return scale_of(self._entry(target))

    def write(self, target: Target, sent: Any, options: WriteOptions) -> Body:
        """Set the replicas that a Scale says, and return what it is then.

        Raises:
            ApiRefusal: it is none, or the object was changed in between.
        """
        entry = self._entry(target)
        if not isinstance(sent, dict) or not isinstance(sent.get("metadata", {}), dict):
            raise bad_request("the object provided is no Scale")
        replicas = (sent.get("spec") or {}).get("replicas", 0)
        if not isinstance(replicas, int) or isinstance(replicas, bool) or replicas < 0:
            why = "must be greater than or equal to 0"
            cause = invalid_value("spec.replicas", replicas, why)
            raise invalid(target.resource, entry.name, [cause])
        body = entry.body()
        body["spec"] = body.get("spec", {}) | {"replicas": replicas}
        revision = sent.get("metadata", {}).get("resourceVersion")
        if revision:
            body["metadata"]["resourceVersion"] = revision
        found = self._changing.write_back(entry, body, target, options)
        return scale_of(entry, found.body) if found.entry is None else scale_of(found.entry)

    def patch(self, target: Target, kind: PatchKind, sent: Any, options: WriteOptions) -> Body:
        """Change the replicas as a patch of the Scale says.

        Raises:
            ApiRefusal: the patch is none, or the object was changed in between.
        """
        schema = schema_of(self._objects.resources.modelled["Deployment"])
        kind = "merge" if kind in ("strategic", "apply") else kind
        scale = self.read(target)
        revision = scale["metadata"].pop("resourceVersion")
        found = patched(target.resource, scale, kind, sent, schema)
        if found["metadata"].get("resourceVersion", revision) == revision:
            found["metadata"].pop("resourceVersion", None)
        return self.write(target, found, options)

    def _entry(self, target: Target) -> Entry:
        if "scale" not in target.resource.subresources:
            raise no_such_resource()
        table = self._objects.table(target.resource)
        found = table.entries.get((target.namespace, target.name))
        if found is None:
            raise not_found(target.resource, target.name)
        return found


def scale_of(entry: Entry, body: Body | None = None) -> Body:
    """Return the scale of an object, or of what it would be (`body`)."""
    found = entry.body() if body is None else body
    metadata, spec = found["metadata"], found.get("spec", {})
    status: dict[str, Any] = {"replicas": found.get("status", {}).get("replicas", 0)}
    text = _selector_text(spec.get("selector") or {})
    if text:
        status["selector"] = text
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: metadata[name] for name in kept if name in metadata},
        "spec": {"replicas": spec.get("replicas", 0)},
        "status": status,
    }


def _selector_text(selector: Body) -> str:
    """Return a label selector as requests write it."""
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for it in selector.get("matchExpressions") or ():
        key, values = it.get("key", ""), ",".join(it.get("values") or ())
        match it.get("operator"):
            case "Exists":
                parts.append(key)
            case "DoesNotExist":
                parts.append(f"!{key}")
            case operator:
                parts.append(f"{key} {str(operator).lower()} ({values})")
    return ",".join(parts)
