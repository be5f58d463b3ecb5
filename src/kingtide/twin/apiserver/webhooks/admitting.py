"""Asks the registered webhooks about an object, and makes of it what they say.

Those that mutate come first, one after the other by name, then those that validate. Answers of
Kubernetes' own wording: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/errors (v1.36).
Left out: `reinvocationPolicy` (nobody is asked twice) and audit annotations.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.kube.patching.json_patch import Operation, OperationFailed, json_patched
from kingtide.twin.apiserver.entries import Body
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.paths import Target
from kingtide.twin.apiserver.refusals import ApiRefusal
from kingtide.twin.apiserver.webhooks.call import Answer, Failed, call
from kingtide.twin.apiserver.webhooks.own_rules import OwnRules
from kingtide.twin.apiserver.webhooks.registered import Entry, Kind, Registered

MUTATING: Kind = "MutatingWebhookConfiguration"
VALIDATING: Kind = "ValidatingWebhookConfiguration"
MAX_WARNINGS = 50
"""Of one write; an API server cuts them at 4096 characters altogether."""


class Admitted(NamedTuple):
    """What webhooks made of an object, and what they told its writer."""

    body: Body
    warnings: tuple[str, ...]


class Webhooks:
    """Asks webhooks about writes."""

    def __init__(self, objects: Objects, own: AdmissionPolicy | None = None) -> None:
        """Make them; with `own` settings our rules look first, without being registered."""
        self._objects = objects
        self._own = None if own is None else OwnRules(objects, own)
        self._registered = Registered(objects)
        self._asked = 0

    def are_asked(self, target: Target) -> bool:
        """Whether any entry is about creating or updating objects of a resource."""
        if target.subresource:
            return False
        if self._own is not None and self._own.are_about(target.resource):
            return True
        return any(
            next(self._registered.asked(kind, target.resource, operation), None) is not None
            for kind in (MUTATING, VALIDATING)
            for operation in ("CREATE", "UPDATE")
        )

    async def admit(
        self, target: Target, body: Body, before: Body | None, *, is_dry_run: bool
    ) -> Admitted:
        """Return an object as it may be stored.

        Raises:
            ApiRefusal: a webhook refuses it, or could not be asked and has to be.
        """
        operation = "CREATE" if before is None else "UPDATE"
        warnings: list[str] = []
        if self._own is not None and self._own.are_about(target.resource):
            body, warnings = self._own.admit(body, before)
        for kind in (MUTATING, VALIDATING):
            for entry in self._registered.asked(kind, target.resource, operation, body):
                review = self._review(target, operation, body, before, is_dry_run=is_dry_run)
                try:
                    answer = await call(entry, review)
                    if answer.allowed and kind == MUTATING:
                        body = _patched(body, answer)
                except Failed as error:
                    if entry.failure_policy == "Ignore":
                        continue
                    raise _uncallable(entry, error) from error
                if not answer.allowed:
                    raise _denied(entry, answer)
                warnings += answer.warnings
        return Admitted(body, tuple(warnings[:MAX_WARNINGS]))

    def _review(
        self, target: Target, operation: str, body: Body, before: Body | None, *, is_dry_run: bool
    ) -> dict[str, Any]:
        it, metadata = target.resource, body["metadata"]
        self._asked += 1
        key = (metadata.get("namespace", ""), metadata.get("name", ""))
        kind = {"group": it.group, "version": it.version, "kind": it.kind}
        resource = {"group": it.group, "version": it.version, "resource": it.plural}
        request = {
            "uid": self._objects.new_uid(it, key, self._asked),
            "kind": kind,
            "resource": resource,
            "requestKind": kind,
            "requestResource": resource,
            "name": key[1],
            "namespace": key[0],
            "operation": operation,
            "userInfo": {"username": "kingtide", "groups": ["system:authenticated"]},
            "object": body,
            "oldObject": before,
            "dryRun": is_dry_run,
            "options": None,
        }
        head = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}
        return head | {"request": request}


def _patched(body: Body, answer: Answer) -> Body:
    if not answer.patch:
        return body
    if answer.patch_type != "JSONPatch":
        raise Failed(f"patchType is {answer.patch_type[:80]!r}; JSONPatch is the only one")
    try:
        written = base64.b64decode(answer.patch)
        operations = msgspec.json.decode(written, type=tuple[Operation, ...])
        found = json_patched(body, operations)
    except (ValueError, OperationFailed) as error:
        raise Failed(f"the patch cannot be made ({error})") from error
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), Mapping):
        raise Failed("the patch leaves no object")
    return found


def _denied(entry: Entry, answer: Answer) -> ApiRefusal:
    status = answer.status
    said = "" if status is None else status.message or status.reason
    how = f"denied the request: {said}" if said else "denied the request without explanation"
    code = 403 if status is None or not 400 <= status.code < 600 else status.code
    reason = "" if status is None else status.reason
    return ApiRefusal(code, reason, f'admission webhook "{entry.name}" {how}')


def _uncallable(entry: Entry, error: Failed) -> ApiRefusal:
    what = f'failed calling webhook "{entry.name}": failed to call webhook: {error}'
    return ApiRefusal(500, "InternalError", f"Internal error occurred: {what}")
