"""From an AdmissionReview with a request to one with the answer, as bytes.

Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
(v1.36), "Webhook request and response".
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from kingtide.controllers.admission.review import review, review_update
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.controllers.admission.verdict import Told, Verdict
from kingtide.controllers.admission.webhooks import Work
from kingtide.fleet.policies.admission import AdmissionPolicy, Failure

VERSION = "admission.k8s.io/v1"
KIND = "AdmissionReview"
MAX_WARNING = 256
"""Characters of a warning: longer ones the API server may cut (same source, "Response")."""
MAX_MESSAGE = 4_000
"""Characters of a refusal: what a terminal shows and a person reads."""


class Malformed(ValueError):
    """What was sent is no review; the message says why."""


class _Request(msgspec.Struct, rename="camel", frozen=True):
    uid: str
    operation: str = ""
    namespace: str = ""
    name: str = ""
    object: Any = None
    old_object: Any = None
    dry_run: bool | None = None


class _Review(msgspec.Struct, rename="camel", frozen=True):
    api_version: str
    kind: str
    request: _Request


class Asked(msgspec.Struct, frozen=True):
    """A request for a review; `kind` is the object's own word for what it is."""

    uid: str
    operation: str
    namespace: str
    name: str
    kind: str
    body: Any
    before: Any
    is_dry: bool


_DECODER = msgspec.json.Decoder(_Review)


def read_review(content: bytes) -> Asked:
    """Return what an AdmissionReview asks for.

    Raises:
        Malformed: it is none.
    """
    try:
        found = _DECODER.decode(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed(f"no AdmissionReview ({error})") from error
    if (found.api_version, found.kind) != (VERSION, KIND):
        what = f"{found.api_version[:80]} {found.kind[:80]}"
        raise Malformed(f"{what} is not understood; send {VERSION} {KIND}")
    it = found.request
    if not it.uid:
        raise Malformed("the request has no uid")
    body = it.object if isinstance(it.object, dict) else {}
    kind = body.get("kind")
    return Asked(
        it.uid,
        it.operation,
        it.namespace,
        it.name,
        kind if isinstance(kind, str) else "",
        it.object,
        it.old_object,
        bool(it.dry_run),
    )


def judge(
    asked: Asked, snapshot: AdmissionSnapshot, policy: AdmissionPolicy, failure: Failure
) -> Verdict:
    """Return the verdict of the rules of one failure policy; what is deleted is not judged."""
    if asked.operation == "UPDATE":
        return review_update(
            asked.body, asked.before, snapshot, policy, namespace=asked.namespace, only=failure
        )
    if asked.operation != "CREATE":
        return Verdict()
    return review(asked.body, snapshot, policy, namespace=asked.namespace, only=failure)


def answer(asked: Asked, verdict: Verdict, work: Work) -> bytes:
    """Return the AdmissionReview with the answer.

    Changes are made by the mutating entries alone; they refuse nothing, because another webhook may
    still mend what is wrong. Warnings come with the validating ones, so that each is told once.
    """
    response: dict[str, Any] = {"uid": asked.uid, "allowed": True}
    if work == "mutate":
        if verdict.changes:
            patch = msgspec.json.encode([_operation(it) for it in verdict.operations])
            response["patchType"] = "JSONPatch"
            response["patch"] = base64.b64encode(patch).decode()
    else:
        if not verdict.allowed:
            response["allowed"] = False
            message = _cut("; ".join(it.sentence for it in verdict.refusals), MAX_MESSAGE)
            response["status"] = {"code": 403, "reason": "Forbidden", "message": message}
        if verdict.warnings:
            response["warnings"] = [_warning(it) for it in verdict.warnings]
    return msgspec.json.encode({"apiVersion": VERSION, "kind": KIND, "response": response})


def _operation(operation: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(operation)
    return found


def _warning(told: Told) -> str:
    return _cut(told.sentence, MAX_WARNING)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
