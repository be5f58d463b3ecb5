"""Evictions and deletions of pods, of the one with this uid and of no other.

Source: https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/ (v1.36); a
precondition on the uid that fails is a 409.
"""

from __future__ import annotations

from typing import Any

from kingtide.control.action import EvictPod
from kingtide.control.node_actions import DeletePod
from kingtide.control.outcome import DONE, Answer
from kingtide.kube.wire.kinds import api_kinds
from kingtide.live.kubernetes.failures import ApiRefused
from kingtide.live.kubernetes.performing.answers import answer_of, told
from kingtide.live.kubernetes.performing.api import Api

_POD = api_kinds()["Pod"]
NO_SUCH_POD = Answer("precondition_failed", "404", "no such pod")
"""There is none of the name (404), or another has it (409): of the uid there is none either way."""
REFUSALS = (403, 429, 500)
"""Answers of an eviction that may come from a disruption budget: it is spent (429), its status
makes no sense (403), or the pod has several (500)."""


async def evict_pod(api: Api, action: EvictPod) -> Answer:
    """Evict a pod; raises as `Api.write` does, except for what a disruption budget says.

    Codes of refusals are numbers if a budget refused: a server that is only busy (429 too) says
    so by another code.
    """
    metadata = {"name": action.name, "namespace": action.namespace}
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": metadata,
        "deleteOptions": _options(action.uid, action.grace_seconds),
    }
    try:
        await api.write("POST", _POD.path(action.namespace, action.name, "eviction"), body)
    except ApiRefused as error:
        if error.code in (404, 409):
            return NO_SUCH_POD
        if error.code in REFUSALS and _is_about_a_budget(error):
            return Answer("refused", str(error.code), told(error))
        return answer_of(error)
    return DONE


async def delete_pod(api: Api, action: DeletePod) -> Answer:
    """Delete a pod; raises as `Api.write` does."""
    options = _options(action.uid, action.grace_seconds)
    body = {"apiVersion": "v1", "kind": "DeleteOptions"} | options
    try:
        await api.write("DELETE", _POD.path(action.namespace, action.name), body)
    except ApiRefused as error:
        return NO_SUCH_POD if error.code in (404, 409) else answer_of(error)
    return DONE


def _options(uid: str, grace_seconds: int | None) -> dict[str, Any]:
    options: dict[str, Any] = {"preconditions": {"uid": uid}}
    if grace_seconds is not None:
        options["gracePeriodSeconds"] = grace_seconds
    return options


def _is_about_a_budget(error: ApiRefused) -> bool:
    """Whether a budget is the reason; other refusals of these codes never name one."""
    words = f"{error.message} {error.cause}".lower().replace(" ", "")
    return "disruptionbudget" in words
