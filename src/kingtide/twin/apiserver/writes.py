"""Answers requests that change something: reads them, has them done, and writes the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from kingtide.twin.apiserver.authentication import TokenAuthentication
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.options import read_options
from kingtide.twin.apiserver.paths import Target
from kingtide.twin.apiserver.reading import Reading
from kingtide.twin.apiserver.refusals import ApiRefusal, method_not_allowed
from kingtide.twin.apiserver.subresources.pods import CONNECTING, PodSubresources
from kingtide.twin.apiserver.subresources.scale import Scales
from kingtide.twin.apiserver.webhooks.admitting import Webhooks
from kingtide.twin.apiserver.writing.changing import Changing, Written
from kingtide.twin.apiserver.writing.deleting import Deleting, deleted_status
from kingtide.twin.apiserver.writing.options import (
    WriteOptions,
    delete_options,
    patch_kind,
    read_body,
    write_options,
)
from kingtide.twin.apiserver.writing.storing import Storing
from kingtide.twin.object_changes import ObjectChanges
from kingtide.twin.world import World

_ENCODER = msgspec.json.Encoder()
_OF_PODS = ("eviction", "binding")
TRIES = 5
"""Of a patch that others' writes overtake, as in Kubernetes (MaxRetryWhenPatchConflicts)."""


class Writes:
    """Everything that is written through the API."""

    def __init__(
        self,
        world: World,
        objects: Objects,
        reading: Reading,
        authentication: TokenAuthentication,
    ) -> None:
        self._authentication = authentication
        changes = ObjectChanges(world)
        storing = Storing(objects, changes)
        self._objects = objects
        self._reading = reading
        self._changing = Changing(objects, storing)
        self._webhooks = Webhooks(objects, world.definition.admission)
        self._deleting = Deleting(objects, storing)
        self._scales = Scales(objects, self._changing)
        self._pods = PodSubresources(world, objects, changes)

    async def answer(self, request: Request, target: Target) -> Response:
        """Do what a POST, PUT, PATCH or DELETE asks for.

        Raises:
            ApiRefusal: it is refused.
        """
        content_type = request.headers.get("content-type", "")
        written = await request.body()
        query = request.query_params
        if request.method == "DELETE":
            sent = read_body(content_type, written)
            return self._delete(target, query, sent if isinstance(sent, dict) else {})
        options = write_options(query, request.headers.get("user-agent", ""))
        if target.subresource in _OF_PODS and target.resource.kind == "Pod":
            if request.method != "POST":
                raise method_not_allowed(target.resource)
            sent = read_body(content_type, written)
            return _json(self._pods.post(target, sent, options), 201)
        if target.subresource == "scale":
            return self._scale(request, target, written, options)
        if (target.resource.kind, target.subresource) == ("ServiceAccount", "token"):
            account = self._reading.find(msgspec.structs.replace(target, subresource=""))
            sent = read_body(content_type, written)
            return _json(self._authentication.issue(account, sent), 201)
        if target.resource.kind == "Pod" and target.subresource in CONNECTING:
            self._connect(target)
        if target.subresource not in ("", "status", "finalize"):
            raise method_not_allowed(target.resource)
        sent = read_body(content_type, written)
        if self._webhooks.are_asked(target):
            found = await self._admitted(request, target, sent, options)
        else:
            found = self._write(request, target, sent, options)
        if found.entry is not None and not found.is_new:
            self._deleting.settle(found.entry)
        return self._written(request, target, found)

    def settle(self) -> None:
        """Delete what waited for what it owns, where that is gone."""
        self._deleting.settle_all()

    def read(self, target: Target) -> Response:
        """Answer a GET of a subresource that is no object's own form.

        Raises:
            ApiRefusal: there is no such object, or nothing to read.
        """
        if target.subresource == "scale":
            return _json(self._scales.read(target))
        if target.subresource == "log":
            return self._pods.log(self._reading.find(target))
        return self._connect(target)

    # ------------------------------------------------------------ inside

    def _connect(self, target: Target) -> NoReturn:
        whole = msgspec.structs.replace(target, subresource="")
        self._pods.connect(self._reading.find(whole), target.subresource)

    def _write(self, request: Request, target: Target, sent: Any, options: WriteOptions) -> Written:
        match request.method:
            case "POST" if not target.name:
                return self._changing.create(target, sent, options)
            case "PUT" if target.name:
                return self._changing.update(target, sent, options)
            case "PATCH" if target.name:
                kind = patch_kind(request.headers.get("content-type", ""))
                return self._changing.patch(target, kind, sent, options)
            case _:
                raise method_not_allowed(target.resource)

    async def _admitted(
        self, request: Request, target: Target, sent: Any, options: WriteOptions
    ) -> Written:
        """Try a write, have webhooks say what becomes of it, and store that.

        Others may write in the meantime: a patch is then tried again, everything else conflicts.
        """
        tried = msgspec.structs.replace(options, is_dry_run=True)
        tries = TRIES if request.method == "PATCH" else 1
        while True:
            tries -= 1
            planned = self._write(request, target, sent, tried)
            if planned.body is None:
                return planned  # nothing would change
            before = None if planned.is_new else self._reading.find(target).body()
            admitted = await self._webhooks.admit(
                target, planned.body, before, is_dry_run=options.is_dry_run
            )
            try:
                found = self._changing.store(
                    target, admitted.body, options, admitted.warnings, is_new=planned.is_new
                )
            except ApiRefusal as refusal:
                if refusal.code == 409 and tries:
                    continue
                raise
            told = dict.fromkeys((*planned.warnings, *found.warnings))
            return msgspec.structs.replace(found, warnings=tuple(told))

    def _written(self, request: Request, target: Target, found: Written) -> Response:
        accept = request.headers.get("accept", "")
        options = read_options({}, accept)
        code = 201 if found.is_new else 200
        if found.entry is None:
            return _json(found.body, code, found.warnings)
        if options.form == "plain" and not target.resource.is_custom:
            return _answer(found.entry.encoded, code, found.warnings)
        content = self._reading.presenter(target, options).one(found.entry)
        return _answer(content, code, found.warnings)

    def _scale(
        self, request: Request, target: Target, written: bytes, options: WriteOptions
    ) -> Response:
        content_type = request.headers.get("content-type", "")
        if request.method == "PUT":
            return _json(self._scales.write(target, read_body(content_type, written), options))
        if request.method == "PATCH":
            kind = patch_kind(content_type)
            sent = read_body(content_type, written)
            return _json(self._scales.patch(target, kind, sent, options))
        raise method_not_allowed(target.resource)

    def _delete(
        self, target: Target, query: Mapping[str, str], sent: Mapping[str, Any]
    ) -> Response:
        options = delete_options(query, sent)
        if target.subresource:
            raise method_not_allowed(target.resource)
        if target.name:
            entry = self._reading.find(target)
            left = self._deleting.delete(entry, options)
            if left is not None:
                return _json(left)
            return _json(deleted_status(target.resource, entry))
        if target.resource.kind in ("Namespace", "Service"):
            raise method_not_allowed(target.resource)
        entries = self._reading.selected(target, read_options(query, ""))
        gone = self._deleting.delete_all(entries, options)
        it = target.resource
        head = {"kind": f"{it.kind}List", "apiVersion": it.api_version}
        metadata = {"resourceVersion": str(self._objects.revision)}
        return _json(head | {"metadata": metadata, "items": [each.body() for each in gone]})


def _json(body: Any, code: int = 200, warnings: Sequence[str] = ()) -> Response:
    return _answer(_ENCODER.encode(body), code, warnings)


def _answer(content: bytes, code: int, warnings: Sequence[str]) -> Response:
    response = Response(content, code, media_type="application/json")
    for text in warnings:
        said = text.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.append("Warning", f'299 - "{said}"')
    return response
