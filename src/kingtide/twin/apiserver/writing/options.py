"""What a client asks for when it writes: parameters, and the form of what it sends.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec
import yaml
from starlette.requests import Request

from kingtide.twin.apiserver.refusals import ApiRefusal, bad_request
from kingtide.twin.apiserver.writing.protobuf import MEDIA_TYPE, read_protobuf

Validation = Literal["Strict", "Warn", "Ignore"]
Propagation = Literal["Background", "Foreground", "Orphan"]
PatchKind = Literal["json", "merge", "strategic", "apply"]
_VALIDATIONS: Mapping[str, Validation] = {it: it for it in get_args(Validation)}
_PROPAGATIONS: Mapping[str, Propagation] = {it: it for it in get_args(Propagation)}

MAX_BODY_BYTES = 3 << 20
"""kube-apiserver's limit of a request (MaxRequestBodyBytes, apiserver/pkg/server/config.go)."""
MAX_MANAGER = 128
"""Characters of a field manager's name (validation of metadata.managedFields, v1.36)."""

PATCH_KINDS: Mapping[str, PatchKind] = {
    "application/json-patch+json": "json",
    "application/merge-patch+json": "merge",
    "application/strategic-merge-patch+json": "strategic",
    "application/apply-patch+yaml": "apply",
    "application/apply-patch+cbor": "apply",
}


class WriteOptions(msgspec.Struct, frozen=True):
    """The parameters of a write; `manager` is who owns what it changes."""

    manager: str
    is_dry_run: bool = False
    force: bool = False
    validation: Validation = "Warn"


class DeleteOptions(msgspec.Struct, frozen=True):
    """How something is deleted; None is the kind's own way."""

    grace_seconds: int | None = None
    propagation: Propagation = "Background"
    uid: str = ""
    revision: str = ""
    is_dry_run: bool = False


def write_options(query: Mapping[str, str], user_agent: str) -> WriteOptions:
    """Return what the parameters of a write say.

    Raises:
        ApiRefusal: 400, a parameter is none.
    """
    said = query.get("fieldValidation", "Warn") or "Warn"
    validation = _VALIDATIONS.get(said)
    if validation is None:
        raise bad_request(f"fieldValidation: Unsupported value: {said!r}")
    manager = query.get("fieldManager", "") or user_agent.partition("/")[0] or "unknown"
    if len(manager) > MAX_MANAGER or not manager.isprintable():
        raise bad_request(f"fieldManager: may not have more than {MAX_MANAGER} bytes")
    return WriteOptions(
        manager,
        _dry_run(query.get("dryRun", "")),
        query.get("force", "").lower() in ("true", "1"),
        validation,
    )


def _dry_run(written: str) -> bool:
    if written not in ("", "All"):
        raise bad_request(f'dryRun: Unsupported value: {written!r}: supported values: "All"')
    return written == "All"


def delete_options(query: Mapping[str, str], body: Mapping[str, Any]) -> DeleteOptions:
    """Return what the parameters or the body of a delete say; the body counts.

    Raises:
        ApiRefusal: 400, they say what is none.
    """
    grace = body.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
    if isinstance(grace, str):
        grace = int(grace) if grace.isdecimal() else -1
    if grace is not None and (not isinstance(grace, int) or grace < 0):
        raise bad_request("gracePeriodSeconds: must be a number that is not negative")
    said = body.get("propagationPolicy", query.get("propagationPolicy")) or "Background"
    propagation = _PROPAGATIONS.get(said) if isinstance(said, str) else None
    if propagation is None:
        raise bad_request(f"propagationPolicy: Unsupported value: {said!r}")
    dry = body.get("dryRun")
    preconditions = body.get("preconditions") or {}
    is_dry_run = dry == ["All"] if dry else _dry_run(query.get("dryRun", ""))
    uid, revision = preconditions.get("uid") or "", preconditions.get("resourceVersion") or ""
    return DeleteOptions(grace, propagation, uid, revision, is_dry_run)


def patch_kind(content_type: str) -> PatchKind:
    """Return which kind of patch is sent.

    Raises:
        ApiRefusal: 415, none that is known.
    """
    found = PATCH_KINDS.get(_plain(content_type))
    if found is None or content_type.endswith("cbor"):
        raise _unsupported(content_type, [it for it in PATCH_KINDS if not it.endswith("cbor")])
    return found


async def bounded_body(request: Request) -> bytes:
    """Return the body of a request; of one that is too long no more is read.

    Raises:
        ApiRefusal: 413, it is too long.
    """
    said = request.headers.get("content-length", "0")
    if said.isdecimal() and int(said) > MAX_BODY_BYTES:
        raise _too_large()
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > MAX_BODY_BYTES:
            raise _too_large()
        parts.append(part)
    return b"".join(parts)


def _too_large() -> ApiRefusal:
    message = f"Request entity too large: limit is {MAX_BODY_BYTES}"
    return ApiRefusal(413, "RequestEntityTooLarge", message, headers={"Connection": "close"})


def read_body(content_type: str, written: bytes) -> Any:
    """Return what is sent, JSON or YAML; None for nothing.

    Raises:
        ApiRefusal: 415, it is neither; 400, it cannot be read.
    """
    if not written.strip():
        return None
    kind = _plain(content_type)
    if kind == MEDIA_TYPE:
        return read_protobuf(written)
    if kind not in ("", "*/*", "application/json", "application/yaml", *PATCH_KINDS):
        raise _unsupported(kind, ["application/json", "application/yaml"])
    try:
        return msgspec.json.decode(written)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if not kind.endswith("yaml"):
            raise bad_request(f"the object provided is no JSON: {error}") from error
    try:
        # Times stay texts, as they are in JSON.
        return yaml.load(written, Loader=_TextTimes)  # made from CSafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise bad_request(f"the object provided is no YAML: {error}") from error


class _TextTimes(yaml.CSafeLoader):
    yaml_implicit_resolvers = {
        first: [it for it in resolvers if it[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def _plain(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _unsupported(content_type: str, accepted: list[str]) -> ApiRefusal:
    message = (
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted)
    )
    return ApiRefusal(415, "UnsupportedMediaType", message)
