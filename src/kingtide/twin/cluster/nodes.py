"""Node life: an instance boots, its node registers NotReady, its daemons start.

It is Ready; and its end.

instance running -> boot, register -> Node (NotReady, tainted) -> daemons ready -> Ready instance
terminating -> pods stop serving -> instance terminated -> Node and pods removed
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from kingtide.aws.autoscaling import Instance, ScalingActivity
from kingtide.aws.instance_types import instance_type
from kingtide.controlplane.node_resources import allocatable, capacity
from kingtide.controlplane.workloads.daemons import runs_on
from kingtide.kube.nodes import (
    ARCH_LABEL,
    HOSTNAME_LABEL,
    INSTANCE_TYPE_LABEL,
    LIFECYCLE_LABEL,
    REGION_LABEL,
    ZONE_LABEL,
    Node,
)
from kingtide.kube.pods import Condition, OwnerReference, Pod
from kingtide.kube.taints import NOT_READY, Taint
from kingtide.kube.workloads import DaemonSet
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import NodeGroup
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.latencies import LatencyTable

_NOT_READY_TAINT = Taint(key=NOT_READY, effect="NoSchedule")


class NodeLife:
    """Listens to the cloud's instances and keeps the Node objects.

    Nodes are named by their instance id.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store,
        latencies: LatencyTable,
        journal: Journal,
        groups: tuple[NodeGroup, ...],
    ) -> None:
        self._engine = engine
        self._store = store
        self._latencies = latencies
        self._journal = journal
        self._groups: Mapping[str, NodeGroup] = {g.group.name: g for g in groups}
        self._pods_on: dict[str, dict[str, None]] = {}
        self._doomed: dict[str, None] = {}
        store.on_pods(self._on_pod)

    # ------------------------------------------------------------ from the cloud

    def on_running(self, instance: Instance, launched_ms: int) -> None:
        """An instance runs: its node will register after boot and configuration."""
        name = instance.instance_id
        delay_ms = self._latencies.draw_ms("node.boot", name)
        delay_ms += self._latencies.draw_ms("node.register", name)
        self._engine.after(delay_ms, EventClass.WORLD, self._register, instance)

    def on_terminating(self, instance: Instance) -> None:
        """An instance shuts down: nothing on it serves any more."""
        self._doomed[instance.instance_id] = None
        node = self._store.nodes.get(instance.instance_id)
        if node is None:
            return
        gone = Condition("Unknown", self._engine.now_ms, "NodeStatusUnknown")
        taints = tuple(t for t in node.taints if t != _NOT_READY_TAINT)
        self._store.update_node(node, ready=gone, taints=(*taints, _NOT_READY_TAINT))
        for uid in list(self._pods_on.get(node.name, ())):
            pod = self._store.pods[uid]
            if pod.is_ready:
                self._store.update_pod(pod, ready=Condition("False", self._engine.now_ms))

    def on_terminated(self, instance: Instance) -> None:
        """An instance has ended: its node is removed once the cloud node controller notices."""
        delay_ms = self._latencies.draw_ms("node.gone", instance.instance_id)
        self._engine.after(delay_ms, EventClass.WORLD, self._remove, instance.instance_id)

    def on_launch_failed(self, activity: ScalingActivity, wanted: int) -> None:
        """Instances could not be launched."""
        self._journal.mark(
            "launch_failed", activity.group, f"{wanted} x {activity.status_message}", "warning"
        )

    # ------------------------------------------------------------ steps

    def make_node(self, instance: Instance, created_ms: int) -> Node:
        """Return the Node that an instance registers as, Ready."""
        group = self._groups[instance.group]
        kind = instance_type(instance.pool.instance_type)
        labels = {
            **group.labels,
            HOSTNAME_LABEL: instance.instance_id,
            INSTANCE_TYPE_LABEL: kind.name,
            ARCH_LABEL: kind.arch,
            ZONE_LABEL: instance.pool.zone,
            REGION_LABEL: instance.pool.zone[:-1],
            LIFECYCLE_LABEL: instance.pool.lifecycle,
        }
        return Node(
            name=instance.instance_id,
            uid=f"node/{instance.instance_id}",
            labels=labels,
            capacity=capacity(kind.name),
            allocatable=allocatable(kind.name),
            created_ms=created_ms,
            ready=Condition("True", created_ms),
            provider_id=f"aws:///{instance.pool.zone}/{instance.instance_id}",
            taints=group.taints,
        )

    def _register(self, instance: Instance) -> None:
        name = instance.instance_id
        if name in self._doomed:
            return
        node = self.make_node(instance, self._engine.now_ms)
        not_ready = Condition("False", self._engine.now_ms, "KubeletNotReady")
        self._store.create_node(
            replace(node, ready=not_ready, taints=(*node.taints, _NOT_READY_TAINT))
        )
        self._engine.trace(f"node {name} registered")
        self.start_daemons(node)
        delay_ms = self._latencies.draw_ms("node.daemons_ready", name)
        self._engine.after(delay_ms, EventClass.WORLD, self._ready, name)

    def _ready(self, name: str) -> None:
        node = self._store.nodes.get(name)
        if node is None or name in self._doomed:
            return
        self._store.update_node(
            node,
            ready=Condition("True", self._engine.now_ms, "KubeletReady"),
            taints=tuple(t for t in node.taints if t != _NOT_READY_TAINT),
        )
        self._engine.trace(f"node {name} ready")
        self._journal.node_ready(node)

    def _remove(self, name: str) -> None:
        self._doomed.pop(name, None)
        node = self._store.nodes.get(name)
        if node is None:
            return
        for uid in list(self._pods_on.get(name, ())):
            self._store.delete_pod(self._store.pods[uid])
        self._pods_on.pop(name, None)
        self._store.delete_node(node)
        self._engine.trace(f"node {name} removed")
        self._journal.node_removed(node)

    # ------------------------------------------------------------ daemons

    def start_daemons(self, node: Node, *, running: bool = False) -> None:
        """Bind one pod of every DaemonSet that wants this node.

        `running` for nodes that exist at the start.
        """
        for daemon_set in self._store.daemon_sets.values():
            if runs_on(daemon_set, node):
                self._store.create_pod(self._daemon_pod(daemon_set, node, running=running))

    def _daemon_pod(self, daemon_set: DaemonSet, node: Node, *, running: bool) -> Pod:
        name = f"{daemon_set.name}-{node.name}"
        now_ms = self._engine.now_ms
        return Pod(
            namespace=daemon_set.namespace,
            name=name,
            uid=f"{daemon_set.namespace}/{name}",
            spec=daemon_set.template.spec,
            labels=daemon_set.template.labels,
            annotations=daemon_set.template.annotations,
            created_ms=node.created_ms,
            owner=OwnerReference("DaemonSet", daemon_set.name, daemon_set.uid),
            node_name=node.name,
            scheduled=Condition("True", now_ms),
            phase="Running" if running else "Pending",
            ready=Condition("True", node.created_ms) if running else None,
            started_ms=node.created_ms if running else None,
        )

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is not None and new.node_name:
            if old is None or not old.node_name:
                self._pods_on.setdefault(new.node_name, {})[new.uid] = None
        elif new is None and old is not None and old.node_name:
            self._pods_on.get(old.node_name, {}).pop(old.uid, None)
