"""The DaemonSet controller: one pod of each DaemonSet on every node it wants.

On a new node daemons come before all others, so they are bound at once while they fit. Only one
that does not fit, or was deleted or preempted, goes through the scheduler's queue, tied to its node
by node affinity as in Kubernetes: a pod spec a node would otherwise be as many shapes as nodes.
Source: pkg/controller/daemon/util/daemonset_util.go (v1.36).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from kingtide.controlplane.workloads.daemon_update import to_replace
from kingtide.controlplane.workloads.daemons import ADDED_TOLERATIONS, runs_on
from kingtide.kube.labels import NodeSelectorTerm, Requirement
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, OwnerReference, Pod, PodSpec, PodTemplate, pod_requests
from kingtide.kube.resources import NO_RESOURCES, Resources
from kingtide.kube.workloads import DaemonSet
from kingtide.twin.cluster.machines import Machines
from kingtide.twin.cluster.store import Store
from kingtide.twin.cluster.work_queue import WorkQueue
from kingtide.twin.engine import Engine
from kingtide.twin.latencies import LatencyTable


class Daemons:
    """Creates daemons as nodes come, replaces those that go, and takes back what still waits.

    `delete` asks for a pod's graceful deletion.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store,
        latencies: LatencyTable,
        machines: Machines,
        delete: Callable[[Pod], None],
    ) -> None:
        self._engine = engine
        self._store = store
        self._machines = machines
        self._delete = delete
        self._queue = WorkQueue(engine, latencies, "daemon-sets", self._look)
        self._updates = WorkQueue(engine, latencies, "daemon-sets", self._update)
        self._updating: dict[str, None] = {}
        """DaemonSets that lacked pods of their present template when they were looked at last."""
        self._made_of: dict[str, PodTemplate] = {}
        self._ending: dict[str, None] = {}
        """DaemonSets that go after their pods: no node gets one of theirs."""
        self._specs: dict[str, PodSpec] = {}
        self._placed: dict[str, tuple[str, str]] = {}
        """Key of the DaemonSet and name of the node of every living daemon, by uid."""
        self._of_node: dict[str, dict[str, None]] = {}
        self._made_for: dict[str, int] = {}
        """How many daemons were ever made for a node: no two get the same name."""
        store.on_pods(self._on_pod, heeds_refusals=False)
        store.on_nodes(self._on_node)

    def start(self, node: Node, *, running: bool = False) -> None:
        """Create the daemons of a new node, highest priority first.

        `running` for nodes that exist when the world starts.
        """
        used = NO_RESOURCES
        for daemon_set in self._wanted(node):
            wanted = used + msgspec.structs.replace(pod_requests(daemon_set.template.spec), pods=1)
            if _holds(node.allocatable, wanted):
                used = wanted
                pod = _bound(self._daemon(daemon_set, node), node, running=running)
            else:
                pod = _tied(self._daemon(daemon_set, node), node)
            self._store.create_pod(pod)

    def create(self, daemon_set: DaemonSet) -> None:
        """Store a DaemonSet that is new in a world that runs; every node is looked at."""
        if daemon_set.key not in self._ending:
            self._updating[daemon_set.key] = None
            self._updates.add(daemon_set.key)
        self._store.put_daemon_set(daemon_set)
        for node in self._store.nodes:
            self._enqueue(node)

    def change(self, daemon_set: DaemonSet) -> None:
        """Store a changed DaemonSet; its pods take the template over by its update strategy."""
        self._specs.pop(daemon_set.key, None)
        self.create(daemon_set)

    def progress(self, daemon_set: DaemonSet) -> tuple[int, int] | None:
        """Return on how many nodes a new or changed DaemonSet wants a pod, and has its latest.

        None once an update is over, or without one.
        """
        if daemon_set.key not in self._updating:
            return None
        updated, _ = self._by_template(daemon_set)
        return self._wanted_nodes(daemon_set), sum(it.deletion_ms is None for it in updated)

    def remove(self, daemon_set: DaemonSet) -> None:
        """Delete a DaemonSet with its pods."""
        self._store.delete_daemon_set(daemon_set)
        self._specs.pop(daemon_set.key, None)
        self._updating.pop(daemon_set.key, None)
        self._ending.pop(daemon_set.key, None)
        self._delete_pods(daemon_set.key)

    def orphan(self, daemon_set: DaemonSet) -> None:
        """Delete a DaemonSet alone: its pods stay and are nobody's."""
        uids = [uid for uid, placed in self._placed.items() if placed[0] == daemon_set.key]
        pods = [self._store.pods[uid] for uid in uids]
        left = [pod for pod in pods if pod.deletion_ms is None]
        for pod in left:
            self._forget(pod)
        self.remove(daemon_set)
        for pod in left:
            self._store.hand_over_pod(pod, owner=None)

    def adopt(self, daemon_set: DaemonSet, pod: Pod) -> None:
        """Make a pod of a node a daemon; who stores it gives it its owner."""
        made_of = daemon_set.template
        own_terms = made_of.spec.required_node_affinity
        untied = msgspec.structs.replace(pod.spec, required_node_affinity=own_terms)
        if untied != self._spec(daemon_set) or pod.labels != made_of.labels:
            made_of = PodTemplate(pod.labels, pod.spec)  # it is replaced by the update strategy
        self._place(daemon_set.key, pod.uid, node_of(pod), made_of)
        self._updating[daemon_set.key] = None
        self._updates.add(daemon_set.key)

    def release(self, pod: Pod) -> None:
        """Make a pod no daemon any more; its node gets another one."""
        placed = self._forget(pod)
        if placed is not None:
            self._enqueue(placed[1])

    def of_namespace(self, namespace: str) -> Iterator[DaemonSet]:
        """Yield the DaemonSets of a namespace that are not ending."""
        for it in self._store.daemon_sets.values():
            if it.namespace == namespace and it.key not in self._ending:
                yield it

    def empty(self, daemon_set: DaemonSet) -> None:
        """Delete the pods of a DaemonSet that is to go after them; no others come."""
        self._ending[daemon_set.key] = None
        self._updating.pop(daemon_set.key, None)
        self._delete_pods(daemon_set.key)

    def _delete_pods(self, key: str) -> None:
        for uid in [uid for uid, placed in self._placed.items() if placed[0] == key]:
            pod = self._store.pods.get(uid)
            if pod is not None and pod.deletion_ms is None:
                self._delete(pod)

    def leave(self, node: str) -> None:
        """Delete the daemons that are left on, or wait for room on, a node that is gone."""
        for uid in list(self._of_node.pop(node, ())):
            self._store.delete_pod(self._store.pods[uid])
        self._made_for.pop(node, None)

    def _daemon(self, daemon_set: DaemonSet, node: Node) -> Pod:
        number = self._made_for[node.name] = self._made_for.get(node.name, 0) + 1
        name = f"{daemon_set.name}-{node.name}-{number}"
        uid = f"{daemon_set.namespace}/{name}"
        self._place(daemon_set.key, uid, node.name, daemon_set.template)
        return Pod(
            namespace=daemon_set.namespace,
            name=name,
            uid=uid,
            spec=self._spec(daemon_set),
            labels=daemon_set.template.labels,
            annotations=daemon_set.template.annotations,
            created_ms=self._engine.now_ms,
            owner=OwnerReference("DaemonSet", daemon_set.name, daemon_set.uid),
        )

    def _spec(self, daemon_set: DaemonSet) -> PodSpec:
        spec = self._specs.get(daemon_set.key)
        if spec is None:
            template = daemon_set.template.spec
            tolerations = (*template.tolerations, *ADDED_TOLERATIONS)
            spec = msgspec.structs.replace(template, tolerations=tolerations)
            self._specs[daemon_set.key] = spec
        return spec

    def _place(self, key: str, uid: str, node: str, made_of: PodTemplate) -> None:
        self._placed[uid] = (key, node)
        self._made_of[uid] = made_of
        self._of_node.setdefault(node, {})[uid] = None

    def _forget(self, pod: Pod) -> tuple[str, str] | None:
        """Take a pod out; return its DaemonSet and its node, None where it was no daemon."""
        placed = self._placed.pop(pod.uid, None)
        if placed is not None:
            del self._made_of[pod.uid]
            self._of_node.get(placed[1], {}).pop(pod.uid, None)
        return placed

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if self._updating:
            self._on_pod_of_update(old, new)
        if new is not None or old is None:
            return
        placed = self._forget(old)
        if placed is not None:
            self._enqueue(placed[1])

    def _on_pod_of_update(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        placed = None if pod is None else self._placed.get(pod.uid)
        if placed is not None and placed[0] in self._updating:
            self._updates.add(placed[0])

    def _update(self, key: str) -> None:
        """Take the next pods of an earlier template away; their nodes get new ones."""
        self._updates.taken(key)
        daemon_set = self._store.daemon_sets.get(key)
        if daemon_set is None or key not in self._updating:
            return
        updated, others = self._by_template(daemon_set)
        wanted = self._wanted_nodes(daemon_set)
        if not others and sum(it.deletion_ms is None for it in updated) >= wanted:
            del self._updating[key]
            self._store.put_daemon_set(daemon_set)  # its status is another
        for pod in to_replace(daemon_set, wanted, updated, others):
            self._delete(pod)

    def _by_template(self, daemon_set: DaemonSet) -> tuple[list[Pod], list[Pod]]:
        """Return a DaemonSet's pods that are of its present template, and the others."""
        updated: list[Pod] = []
        others: list[Pod] = []
        for uid, (key, _) in self._placed.items():
            if key == daemon_set.key:
                is_updated = self._made_of[uid] == daemon_set.template
                (updated if is_updated else others).append(self._store.pods[uid])
        return updated, others

    def _wanted_nodes(self, daemon_set: DaemonSet) -> int:
        nodes = self._store.nodes.values()
        return sum(self._machines.is_up(it.name) and runs_on(daemon_set, it) for it in nodes)

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        if old is None or new is None:
            return
        if old.taints != new.taints or old.labels != new.labels:
            self._enqueue(new.name)

    def _enqueue(self, node: str) -> None:
        if self._machines.is_up(node):
            self._queue.add(node)

    def _look(self, node_name: str) -> None:
        """Create what a node lacks; the scheduler gives it room."""
        self._queue.taken(node_name)
        node = self._store.nodes.get(node_name)
        if node is None or not self._machines.is_up(node_name):
            return
        there = {self._placed[uid][0]: None for uid in self._of_node.get(node_name, ())}
        for daemon_set in self._wanted(node):
            if daemon_set.key not in there:
                self._store.create_pod(_tied(self._daemon(daemon_set, node), node))

    def _wanted(self, node: Node) -> Iterator[DaemonSet]:
        daemon_sets = self._store.daemon_sets.values()
        for daemon_set in sorted(daemon_sets, key=lambda d: -d.template.spec.priority):
            if daemon_set.key not in self._ending and runs_on(daemon_set, node):
                yield daemon_set


def node_of(pod: Pod) -> str:
    """Return the node that a pod is on, or tied to while it waits; empty for none."""
    if pod.node_name:
        return pod.node_name
    terms = pod.spec.required_node_affinity or ()
    names = (it.values for term in terms for it in term.match_fields if it.key == "metadata.name")
    return next(names, ("",))[0]


def _bound(pod: Pod, node: Node, *, running: bool) -> Pod:
    scheduled = Condition("True", pod.created_ms)
    if not running:
        return msgspec.structs.replace(pod, node_name=node.name, scheduled=scheduled)
    since_ms = node.created_ms
    return msgspec.structs.replace(
        pod,
        created_ms=since_ms,
        node_name=node.name,
        scheduled=Condition("True", since_ms),
        phase="Running",
        ready=Condition("True", since_ms),
        started_ms=since_ms,
    )


def _tied(pod: Pod, node: Node) -> Pod:
    term = NodeSelectorTerm(match_fields=(Requirement("metadata.name", "In", (node.name,)),))
    spec = msgspec.structs.replace(pod.spec, required_node_affinity=(term,))
    return msgspec.structs.replace(pod, spec=spec)


def _holds(offered: Resources, wanted: Resources) -> bool:
    left = offered - wanted
    amounts = (left.cpu_millicores, left.memory_bytes, left.ephemeral_storage_bytes, left.pods)
    return min(amounts) >= 0 and all(amount >= 0 for _, amount in left.extended)
