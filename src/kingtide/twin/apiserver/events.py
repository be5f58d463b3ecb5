"""Events, as scheduler, kubelets and controllers of the twin would write them.

They are made from what changes, so that the world itself needs none. Source of reasons and wording:
https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ and the components'
own sources (v1.36).
"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.wire.times import time_text
from kingtide.twin.apiserver.entries import Entry, Key
from kingtide.twin.apiserver.history import Change
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.journal import Journal, Mark

KEPT_MS = 3_600_000
"""An hour: kube-apiserver's --event-ttl."""
MAX_EVENTS = 5_000
"""A burst of a thousand pods makes three each; who looks reads the last hundred."""
KEPT_IN = "default"
"""Where events of what stands in no namespace are kept."""

Body = dict[str, Any]


class Said(NamedTuple):
    """What an event says; of a thing said again only the count grows."""

    about: Key
    kind: str
    reason: str
    message: str
    told_by: str
    is_warning: bool = False


class Events:
    """Writes events into the objects and takes them away in time."""

    def __init__(self, objects: Objects, journal: Journal) -> None:
        resource = objects.resources.find("", "v1", "events")
        assert resource is not None
        self._resource: Resource = resource
        self._objects = objects
        self._journal = journal
        self._marks_read = len(journal.marks)
        self._known: dict[Said, Entry] = {}
        self._order: deque[tuple[int, Said]] = deque()
        self._number = 0
        objects.listen(self._on_change)

    def settle(self) -> None:
        """Tell what the journal has noted since this was called last, and forget what is old."""
        marks = self._journal.marks
        for mark in marks[self._marks_read :]:
            said = _of_mark(mark)
            if said is not None:
                self._say(said)
        self._marks_read = len(marks)
        self._forget(self._objects.now_ms - KEPT_MS)

    def _on_change(self, resource: Resource, change: Change) -> None:
        before = None if change.before is None else change.before.value
        after = None if change.after is None else change.after.value
        if resource.kind == "Pod":
            for said in _of_pod(before, after):
                self._say(said)
        elif resource.kind == "Node":
            said_of_node = _of_node(before, after)
            if said_of_node is not None:
                self._say(said_of_node)

    def _say(self, said: Said) -> None:
        now = time_text(self._objects.now_ms)
        known = self._known.get(said)
        if known is not None and known.written is not None:
            body = known.written | {"lastTimestamp": now, "count": known.written["count"] + 1}
        else:
            self._number += 1
            body = self._body(said, now)
        self._known[said] = self._objects.put(self._resource, body)
        self._order.append((self._objects.now_ms, said))
        if len(self._order) > MAX_EVENTS:
            self._take_oldest()

    def _body(self, said: Said, now: str) -> Body:
        namespace, name = said.about
        place = namespace or KEPT_IN
        about: Body = {"kind": said.kind, "name": name, "apiVersion": _VERSIONS[said.kind]}
        entry = self._objects.get(said.kind, namespace, name)
        if namespace:
            about["namespace"] = namespace
        if entry is not None:
            about["uid"] = entry.uid
        return {
            "metadata": {"name": f"{name}.{self._number:016x}", "namespace": place},
            "involvedObject": about,
            "reason": said.reason,
            "message": said.message,
            "source": {"component": said.told_by},
            "reportingComponent": said.told_by,
            "reportingInstance": "",
            "type": "Warning" if said.is_warning else "Normal",
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }

    def _forget(self, before_ms: int) -> None:
        while self._order and self._order[0][0] < before_ms:
            self._take_oldest()

    def _take_oldest(self) -> None:
        at_ms, said = self._order.popleft()
        entry = self._known.get(said)
        if entry is None or entry.written is None:
            return
        if entry.written["lastTimestamp"] != time_text(at_ms):
            return  # said again since
        del self._known[said]
        stored = self._objects.table(self._resource).entries.get(entry.key)
        if stored is not None:
            self._objects.remove(stored)


_VERSIONS = {"Pod": "v1", "Node": "v1", "HorizontalPodAutoscaler": "autoscaling/v2"}


def _of_pod(before: Pod | None, after: Pod | None) -> list[Said]:
    if after is None:
        return []
    key, said = (after.namespace, after.name), []
    containers = [it.name for it in after.spec.containers]
    if after.node_name and (before is None or not before.node_name):
        text = f"Successfully assigned {after.key} to {after.node_name}"
        said.append(Said(key, "Pod", "Scheduled", text, "default-scheduler"))
    elif after.is_unschedulable and (before is None or before.scheduled != after.scheduled):
        text = after.scheduled.message if after.scheduled is not None else ""
        said.append(Said(key, "Pod", "FailedScheduling", text, "default-scheduler", True))
    if after.phase == "Running" and before is not None and before.phase == "Pending":
        texts = [f"Started container {it}" for it in containers]
        said += [Said(key, "Pod", "Started", it, "kubelet") for it in texts]
    if after.deletion_ms is not None and (before is None or before.deletion_ms is None):
        texts = [f"Stopping container {it}" for it in containers]
        said += [Said(key, "Pod", "Killing", it, "kubelet") for it in texts]
    return said


def _of_node(before: Node | None, after: Node | None) -> Said | None:
    by, node = "node-controller", after if after is not None else before
    if node is None:
        return None
    name = node.name
    key = ("", name)
    if after is None:
        text = f"Node {name} event: Removing Node {name} from Controller"
        return Said(key, "Node", "RemovingNode", text, by)
    if before is None:
        text = f"Node {name} event: Registered Node {name} in Controller"
        return Said(key, "Node", "RegisteredNode", text, by)
    if before.is_ready != after.is_ready:
        reason = "NodeReady" if after.is_ready else "NodeNotReady"
        return Said(key, "Node", reason, f"Node {name} status is now: {reason}", "kubelet")
    if before.unschedulable != after.unschedulable:
        reason = "NodeNotSchedulable" if after.unschedulable else "NodeSchedulable"
        return Said(key, "Node", reason, f"Node {name} status is now: {reason}", "kubelet")
    return None


def _of_mark(mark: Mark) -> Said | None:
    """Return what an entry of the journal says of an object, None where it says it of none."""
    namespace, _, name = mark.subject.partition("/")
    match mark.kind:
        case "rescaled":
            by, kind = "horizontal-pod-autoscaler", "HorizontalPodAutoscaler"
            return Said((namespace, name), kind, "SuccessfulRescale", mark.message, by)
        case "container_killed":
            text = f"Back-off restarting failed container: {mark.message}"
            return Said((namespace, name), "Pod", "BackOff", text, "kubelet", True)
        case "preempted":
            by = "default-scheduler"
            return Said((namespace, name), "Pod", "Preempted", mark.message, by)
    return None
