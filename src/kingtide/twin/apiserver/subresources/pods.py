"""What is asked of a pod beside changing it: eviction, binding, its log, its programs."""

from __future__ import annotations

from typing import Any, NoReturn

from kingtide.controlplane.disruption.eviction import EvictionRefused, may_evict
from kingtide.kube.pods import Pod
from kingtide.twin.apiserver.entries import Body, Entry
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.paths import Target
from kingtide.twin.apiserver.refusals import ApiRefusal, bad_request, conflict, not_found
from kingtide.twin.apiserver.writing.options import WriteOptions, delete_options
from kingtide.twin.cluster.eviction import Eviction
from kingtide.twin.object_changes import ObjectChanges
from kingtide.twin.world import World

_REASONS = {403: "Forbidden", 429: "TooManyRequests", 500: "InternalError"}
CONNECTING = {
    "attach": "there is nothing to attach to",
    "ephemeralcontainers": "no container can be added to it",
    "exec": "nothing can be executed in it",
    "portforward": "it listens on no port",
    "proxy": "it listens on no port",
}
"""What a pod is asked for that would need a program, and why it has not."""
SUCCESS: Body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


class PodSubresources:
    """Evicts and binds pods."""

    def __init__(self, world: World, objects: Objects, changes: ObjectChanges) -> None:
        self._world = world
        self._objects = objects
        self._changes = changes
        self._eviction = Eviction(world.engine, world.store, world.deletion)

    def post(self, target: Target, sent: Any, options: WriteOptions) -> Body:
        """Do what is posted to a pod's subresource.

        Raises:
            ApiRefusal: it is refused, as by a disruption budget (429).
        """
        entry = self._objects.get("Pod", target.namespace, target.name)
        if entry is None:
            raise not_found(target.resource, target.name)
        if not isinstance(sent, dict):
            raise bad_request(f"the object provided is no {target.subresource}")
        if target.subresource == "eviction":
            return self._evict(target, entry, sent, options)
        return self._bind(target, entry, sent, options)

    def log(self, entry: Entry) -> NoReturn:
        """Refuse to show a log: no program runs.

        Raises:
            ApiRefusal: 404, always.
        """
        message = f'pods "{entry.name}" has no log: the pods of this cluster run no program'
        raise ApiRefusal(404, "NotFound", message)

    def connect(self, entry: Entry, subresource: str) -> NoReturn:
        """Refuse to connect to a pod: no program runs.

        Raises:
            ApiRefusal: 405, always.
        """
        message = f'pods "{entry.name}" runs no program here: {CONNECTING[subresource]}'
        raise ApiRefusal(405, "MethodNotAllowed", message)

    def _evict(self, target: Target, entry: Entry, sent: Body, options: WriteOptions) -> Body:
        deletion = delete_options({}, sent.get("deleteOptions") or {})
        pod: Pod = entry.value
        if deletion.uid and deletion.uid != entry.uid:
            said = f"the UID in the precondition ({deletion.uid}) is not {entry.uid}"
            raise conflict(target.resource, entry.name, said)
        if options.is_dry_run or deletion.is_dry_run:
            store, now_ms = self._world.store, self._objects.now_ms
            verdict = may_evict(pod, store.disruption_budgets.values(), now_ms)
        else:
            verdict = self._eviction.evict(pod, deletion.grace_seconds)
        if isinstance(verdict, EvictionRefused):
            raise _refused(verdict)
        return SUCCESS | {"code": 201}

    def _bind(self, target: Target, entry: Entry, sent: Body, options: WriteOptions) -> Body:
        node = (sent.get("target") or {}).get("name")
        pod: Pod = entry.value
        if not node or not isinstance(node, str):
            raise bad_request("target.name: Required value: the node to bind the pod to")
        if node not in self._world.store.nodes:
            raise not_found(self._objects.resources.modelled["Node"], node)
        if pod.deletion_ms is not None:
            raise conflict(target.resource, entry.name, "pod is being deleted, cannot be bound")
        if pod.node_name:
            said = f'pod {entry.name} is already assigned to node "{pod.node_name}"'
            raise conflict(target.resource, entry.name, said)
        if not options.is_dry_run:
            self._changes.bind(pod, node)
        return SUCCESS | {"code": 201}


def _refused(verdict: EvictionRefused) -> ApiRefusal:
    details = None
    if verdict.cause:
        details = {"causes": [{"reason": "DisruptionBudget", "message": verdict.cause}]}
    reason = _REASONS[verdict.code]
    return ApiRefusal(verdict.code, reason, verdict.message, details)
