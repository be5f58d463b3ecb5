"""What an Event says, from a verdict or from what became of an action.

Written as `v1` Events: `kubectl describe` and `kubectl get events` ask for those, the API server
hands out the same objects as `events.k8s.io/v1`, and a count with a first and a last time is what
every tool shows of a repeated one. Source:
https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ (v1.36).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.control.action import Action, EvictPod, PatchScale
from kingtide.control.node_actions import DeletePod
from kingtide.control.node_change import NodeAction
from kingtide.control.outcome import Outcome
from kingtide.control.report import Phrases, Verdict
from kingtide.control.snapshot import ClusterView
from kingtide.control.workload_actions import WorkloadAction, changed_object
from kingtide.kube.wire.kinds import api_kinds
from kingtide.kube.wire.scalables import scalable_kinds

MAX_MESSAGE_BYTES = 1024
"""The API takes no more (https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/events.go)."""
_KINDS = {**api_kinds(), **scalable_kinds()}
_SHORT = {
    "node": "Node",
    "pod": "Pod",
    "deployment": "Deployment",
    "hpa": "HorizontalPodAutoscaler",
    "configmap": "ConfigMap",
    "namespace": "Namespace",
}
"""How verdicts call what they are about, if not by its kind."""


class Regarding(msgspec.Struct, frozen=True, gc=False):
    """An object that an Event is about; an empty uid is not known, and then not written."""

    kind: str
    api_version: str
    namespace: str
    name: str
    uid: str = ""


class ToldEvent(msgspec.Struct, frozen=True, gc=False):
    """An Event before it is counted: by which controller, about what, why, and in which words."""

    controller: str
    regarding: Regarding
    type: Literal["Normal", "Warning"]
    reason: str
    message: str


def event_of_verdict(
    controller: str, verdict: Verdict, phrases: Phrases, cluster: ClusterView, ourselves: Regarding
) -> ToldEvent:
    """Return a verdict as an Event; what is about no object of the cluster is about `ourselves`."""
    kind, _, rest = verdict.subject.partition("/")
    namespace, _, name = rest.rpartition("/")
    found = _regarding(_SHORT.get(kind, kind), namespace, name, cluster)
    return ToldEvent(
        controller,
        found or ourselves,
        "Warning" if verdict.stance == "refused" else "Normal",
        verdict.code,
        _cut(phrases.tell(verdict)),
    )


def event_of_outcome(
    controller: str, outcome: Outcome, cluster: ClusterView, ourselves: Regarding
) -> ToldEvent | None:
    """Return an action that was done, or failed, as an Event.

    None for one that was refused or came too late: that is decided on anew, and its verdict tells.
    """
    if outcome.status not in ("done", "failed"):
        return None
    action, reason = outcome.action, type(outcome.action).__name__
    regarding = _object_of(action, cluster) or ourselves
    if outcome.status == "done":
        return ToldEvent(controller, regarding, "Normal", reason, _cut(action.reason))
    why = " ".join(part for part in (outcome.code, outcome.message) if part)
    return ToldEvent(
        controller, regarding, "Warning", f"{reason}Failed", _cut(f"{why} ({action.reason})")
    )


def _object_of(action: Action, cluster: ClusterView) -> Regarding | None:
    match action:
        case EvictPod() | DeletePod():
            found = _regarding("Pod", action.namespace, action.name, cluster)
            return None if found is None else msgspec.structs.replace(found, uid=action.uid)
        case PatchScale():
            return _regarding("Deployment", action.namespace, action.name, cluster)
        case it if isinstance(it, NodeAction):
            return _regarding("Node", "", it.node, cluster)
        case it if isinstance(it, WorkloadAction):
            kind, namespace, name = changed_object(it).split("/")
            return _regarding(kind, namespace, name, cluster)
        case _:
            return None


def _regarding(kind: str, namespace: str, name: str, cluster: ClusterView) -> Regarding | None:
    found = _KINDS.get(kind)
    if found is None or not name or found.namespaced != bool(namespace):
        return None
    uid = ""
    if kind == "Node":
        node = cluster.nodes.get(name)
        uid = "" if node is None else node.uid
    elif f"{kind}/{namespace}/{name}" in cluster.scalables:
        uid = cluster.scalables[f"{kind}/{namespace}/{name}"].uid
    return Regarding(kind, found.api_version, namespace, name, uid)


def _cut(text: str) -> str:
    encoded = text.encode()
    if len(encoded) <= MAX_MESSAGE_BYTES:
        return text
    return encoded[: MAX_MESSAGE_BYTES - 3].decode("utf-8", "ignore") + "…"
