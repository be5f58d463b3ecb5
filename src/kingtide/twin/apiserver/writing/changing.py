"""Create, update, patch and apply: from what a client sends to what is stored."""

from __future__ import annotations

from typing import Any

import msgspec

from kingtide.kube.applying.managed import Manager
from kingtide.twin.apiserver.custom.pruning import defaulted
from kingtide.twin.apiserver.entries import Body, Entry
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.paths import Target
from kingtide.twin.apiserver.refusals import (
    already_exists,
    bad_request,
    conflict,
    method_not_allowed,
    not_found,
)
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.schemas import schema_of
from kingtide.twin.apiserver.services import keeping_address, with_defaults
from kingtide.twin.apiserver.writing import definitions
from kingtide.twin.apiserver.writing.admission import Admission
from kingtide.twin.apiserver.writing.fields import decoded, text_maps
from kingtide.twin.apiserver.writing.options import PatchKind, WriteOptions
from kingtide.twin.apiserver.writing.ownership import apply, without_managed, written
from kingtide.twin.apiserver.writing.patching import patched
from kingtide.twin.apiserver.writing.storing import Storing
from kingtide.twin.apiserver.writing.validation import check, check_unchanged

MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
_SERVERS_OWN = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
                "selfLink")  # fmt: skip
"""Metadata that no client changes."""


class Written(msgspec.Struct, frozen=True):
    """What a write came to: whether the object is new, and warnings for the client."""

    body: Body | None
    """What would be stored; None except of a dry run."""
    is_new: bool = False
    warnings: tuple[str, ...] = ()
    entry: Entry | None = None
    """What is stored; None of a dry run."""


class Changing:
    """Writes objects."""

    def __init__(self, objects: Objects, storing: Storing) -> None:
        self._objects = objects
        self._storing = storing
        self._admission = Admission(objects)

    def create(self, target: Target, sent: Any, options: WriteOptions) -> Written:
        """Create what a POST sends.

        Raises:
            ApiRefusal: it exists, cannot be read, or may not be so.
        """
        resource = target.resource
        body, warnings = self._decoded(target, sent, options)
        self._admission.name(resource, body["metadata"])
        return self._create(resource, body, options, warnings, "Update")

    def update(self, target: Target, sent: Any, options: WriteOptions) -> Written:
        """Replace an object by what a PUT sends; one that is not there is created.

        Raises:
            ApiRefusal: it was changed in between, cannot be read, or may not be so.
        """
        before = self._entry(target)
        live = None if before is None else _as_asked(before, target)
        body, warnings = self._decoded(target, sent, options, live)
        if before is None or live is None:
            if target.subresource or target.resource.kind not in ("Lease", "Event", "ConfigMap"):
                raise not_found(target.resource, target.name)
            return self._create(target.resource, body, options, warnings, "Update")
        if "managedFields" not in body["metadata"]:
            managed = live["metadata"].get("managedFields")
            if managed:
                body["metadata"]["managedFields"] = managed
        return self._change(before, live, body, target, options, warnings)

    def patch(self, target: Target, kind: PatchKind, sent: Any, options: WriteOptions) -> Written:
        """Change an object as a PATCH says.

        Raises:
            ApiRefusal: the patch is none, cannot be done, or conflicts with other owners.
        """
        if kind == "apply":
            return self._apply(target, sent, options)
        before = self._entry(target)
        if before is None:
            raise not_found(target.resource, target.name)
        schema = schema_of(target.resource)
        live = _as_asked(before, target)
        found = patched(target.resource, live, kind, sent, schema)
        body, warnings = self._decoded(target, found, options, live)
        return self._change(before, live, body, target, options, warnings)

    def write_back(
        self, before: Entry, body: Body, target: Target, options: WriteOptions
    ) -> Written:
        """Store an object that a subresource changed (its scale)."""
        return self._change(before, before.body(), body, target, options, ())

    def store(
        self,
        target: Target,
        body: Body,
        options: WriteOptions,
        warnings: tuple[str, ...],
        *,
        is_new: bool,
    ) -> Written:
        """Store what webhooks made of a write that was tried; owners of fields are as they were.

        Raises:
            ApiRefusal: it was changed in between, or may not be so.
        """
        if is_new:
            return self._create(target.resource, body, options, warnings, "Apply")
        before = self._entry(target)
        if before is None:
            raise not_found(target.resource, target.name)
        live = before.body()
        return self._change(before, live, body, target, options, warnings, is_owned=True)

    # ------------------------------------------------------------ inside

    def _entry(self, target: Target) -> Entry | None:
        table = self._objects.table(target.resource)
        return table.entries.get((target.namespace, target.name))

    def _decoded(
        self, target: Target, sent: Any, options: WriteOptions, live: Body | None = None
    ) -> tuple[Body, tuple[str, ...]]:
        """Return what is sent as an object of its kind, under the name that the path has.

        What is as in `live`, the object so far, was decoded before.
        """
        resource = target.resource
        if not isinstance(sent, dict):
            raise bad_request("the object provided is no object")
        kind, version = (
            sent.get("kind", resource.kind),
            sent.get("apiVersion", resource.api_version),
        )
        if (kind, version) != (resource.kind, resource.api_version):
            wanted = f"{resource.api_version}, Kind={resource.kind}"
            raise bad_request(
                f"the object provided is unrecognized (must be of type {resource.kind}): it says"
                f" {version}, Kind={kind}, and {wanted} is expected"
            )
        found = decoded(resource, sent, options.validation, live)
        head = {"apiVersion": resource.api_version, "kind": resource.kind}
        body: Body = head | found.body
        metadata = body.get("metadata", {})
        if not isinstance(metadata, dict):
            raise bad_request("metadata is no object")
        text_maps(resource, body)
        body["metadata"] = metadata = {**metadata}
        self._check_place(target, metadata)
        return body, found.warnings

    def _check_place(self, target: Target, metadata: dict[str, Any]) -> None:
        for name, wanted in (("namespace", target.namespace), ("name", target.name)):
            said = metadata.get(name)
            if said is not None and not isinstance(said, str):
                raise bad_request(f"metadata.{name} is no text")
            if wanted and said and said != wanted:
                said = f"the {name} of the provided object does not match the {name}"
                raise bad_request(f"{said} sent on the request")
            if wanted:
                metadata[name] = wanted
        if not target.resource.namespaced:
            metadata.pop("namespace", None)
        elif not target.namespace:
            raise method_not_allowed(target.resource)

    def _create(
        self,
        resource: Resource,
        body: Body,
        options: WriteOptions,
        warnings: tuple[str, ...],
        how: str,
    ) -> Written:
        metadata = body["metadata"]
        if not metadata.get("name"):
            raise bad_request("metadata.name: Required value: name or generateName is required")
        key = (metadata.get("namespace", ""), metadata["name"])
        if key in self._objects.table(resource).entries:
            raise already_exists(resource, metadata["name"])
        more = self._admission.complete(resource, body)
        body = _filled(resource, body)
        check(resource, body)
        if resource.kind == "Service":
            body = self._completed_service(resource, body)
        if resource.kind == definitions.KIND and not options.is_dry_run:
            definitions.define(self._objects, resource, body)
        if how == "Update":
            manager = self._manager(resource, options)
            body = written(None, body, schema_of(resource), manager, self._now)
        told = (*warnings, *more)
        if options.is_dry_run:
            return Written(self._storing.preview(resource, body), True, told)
        return Written(None, True, told, self._storing.create(resource, body))

    def _completed_service(self, services: Resource, body: Body) -> Body:
        """Return a Service with its defaults; one that needs an address gets a free one."""
        entries = self._objects.table(services).entries.values()
        taken = {(it.body().get("spec") or {}).get("clusterIP", "") for it in entries}
        return with_defaults(body, body["metadata"]["uid"], taken)

    def _apply(self, target: Target, sent: Any, options: WriteOptions) -> Written:
        resource, before = target.resource, self._entry(target)
        if before is None and target.subresource:
            raise not_found(resource, target.name)
        config, warnings = self._decoded(target, sent, options)
        self._admission.prioritise(resource, config)
        revision = config["metadata"].pop("resourceVersion", None)
        live = None if before is None else _as_asked(before, target)
        self._check_revision(resource, target.name, before, revision)
        manager = self._manager(resource, options, "Apply", target.subresource)
        schema = schema_of(resource)
        if "status" in resource.subresources and target.subresource != "status":
            config.pop("status", None)
        body = apply(resource, live, config, schema, manager, self._now, force=options.force)
        if before is None or live is None:
            return self._create(resource, body, options, warnings, "Apply")
        return self._change(before, live, body, target, options, warnings, is_owned=True)

    def _change(
        self,
        before: Entry,
        live: Body,
        body: Body,
        target: Target,
        options: WriteOptions,
        warnings: tuple[str, ...],
        *,
        is_owned: bool = False,
    ) -> Written:
        """Store a changed object, whole; what nobody changed is no write."""
        resource = before.resource
        version = {"apiVersion": resource.api_version}  # it stays in the one it was made in
        live, body = live | version, body | version
        revision = body["metadata"].get("resourceVersion")
        self._check_revision(resource, before.name, before, revision)
        uid = body["metadata"].get("uid")
        if uid and uid != before.uid:
            said = f"UID in precondition: {uid}, UID in object meta: {before.uid}"
            raise conflict(resource, before.name, said)
        body = _filled(resource, _kept(live, body, target))
        if target.subresource != "status":
            warnings = (*warnings, *self._admission.prioritise(resource, body))
            check(resource, body, live)
            check_unchanged(resource, live, body)
        elif resource.schema is not None:
            check(resource, body, live)
        if resource.kind == "Service":
            body = self._completed_service(resource, keeping_address(live, body))
        if not is_owned:
            manager = self._manager(resource, options, "Update", target.subresource)
            body = written(live, body, schema_of(resource), manager, self._now)
        if _plain(body) == _plain(live) and _managed(body) == _managed(live):
            return Written(None, False, warnings, before)
        if options.is_dry_run:
            return Written(self._storing.preview(resource, body, live), False, warnings)
        if resource.kind == definitions.KIND and not target.subresource:
            definitions.define(self._objects, resource, body, live)
        return Written(None, False, warnings, self._storing.change(before, body))

    def _check_revision(
        self, resource: Resource, name: str, before: Entry | None, revision: Any
    ) -> None:
        if revision and (before is None or str(revision) != str(before.revision)):
            raise conflict(resource, name, MODIFIED)

    def _manager(
        self, resource: Resource, options: WriteOptions, how: Any = "Update", subresource: str = ""
    ) -> Manager:
        return Manager(options.manager, how, resource.api_version, subresource)

    @property
    def _now(self) -> str:
        return self._objects.shown.time(self._objects.now_ms)


def _filled(resource: Resource, body: Body) -> Body:
    """Return an object with the defaults that a custom kind's schema has."""
    return body if resource.schema is None else defaulted(body, resource.schema)


def _as_asked(entry: Entry, target: Target) -> Body:
    """Return an object's body in the version that a request names."""
    return entry.body() | {"apiVersion": target.resource.api_version}


def _kept(live: Body, body: Body, target: Target) -> Body:
    """Return a body with what its writer may not change as it was."""
    metadata = {k: v for k, v in body["metadata"].items() if k not in _SERVERS_OWN}
    metadata |= {k: v for k, v in live["metadata"].items() if k in _SERVERS_OWN}
    metadata["resourceVersion"] = live["metadata"]["resourceVersion"]
    if "generation" in live["metadata"]:
        metadata["generation"] = live["metadata"]["generation"]
    result = body | {"metadata": metadata}
    if target.subresource == "status":
        kept = {k: v for k, v in live.items() if k != "status"}
        kept["metadata"] = live["metadata"] | {
            k: v for k, v in metadata.items() if k in ("labels", "annotations", "managedFields")
        }
        return kept | ({"status": body["status"]} if "status" in body else {})
    if "status" in target.resource.subresources:
        result.pop("status", None)
        if "status" in live:
            result["status"] = live["status"]
    return result


def _plain(body: Body) -> Body:
    return without_managed(body)


def _managed(body: Body) -> Any:
    return [
        {k: v for k, v in it.items() if k != "time"}
        for it in body["metadata"].get("managedFields", ())
    ]
