"""Node life: an instance boots, its node registers NotReady, its daemons start, it is Ready.

And its end: the machine stops, the cluster notices that it is unreachable, the instance is gone,
the node and all pods left on it are removed. Evictions by NoExecute taints are left out, because
they come 300 s after the node was lost, and a terminated instance's node is removed before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from kingtide.aws.autoscaling import CapacityPool, Instance, ScalingActivity
from kingtide.aws.instance_types import instance_type
from kingtide.controlplane.node_resources import allocatable, capacity
from kingtide.kube.nodes import (
    ARCH_LABEL,
    HOSTNAME_LABEL,
    INSTANCE_TYPE_LABEL,
    LIFECYCLE_LABEL,
    REGION_LABEL,
    ZONE_LABEL,
    Node,
)
from kingtide.kube.pods import Condition, Pod
from kingtide.kube.taints import NOT_READY, UNREACHABLE, Taint
from kingtide.twin.cluster.daemons import Daemons
from kingtide.twin.cluster.join_faults import JoinFaults
from kingtide.twin.cluster.machines import Machines
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import NodeGroup
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.latencies import LatencyTable

_NOT_READY_TAINT = Taint(key=NOT_READY, effect="NoSchedule")
NODE_NOT_READY = "NodeNotReady"
_UNREACHABLE_TAINT = Taint(key=UNREACHABLE, effect="NoSchedule")


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
        machines: Machines,
        daemons: Daemons,
        join_faults: JoinFaults,
    ) -> None:
        self.join_faults = join_faults
        self._broken: dict[str, None] = {}
        self._engine = engine
        self._store = store
        self._latencies = latencies
        self._journal = journal
        self._groups: Mapping[str, NodeGroup] = {g.group.name: g for g in groups}
        self._machines = machines
        self._daemons = daemons
        self._booting: dict[str, None] = {}
        self._lost_ms: dict[str, int] = {}
        self._silenced: dict[str, dict[str, None]] = {}
        """Pods that were Ready when their node fell silent, by node."""
        self._pods_on: dict[str, dict[str, None]] = {}
        store.on_pods(self._on_pod, heeds_refusals=False)

    # ------------------------------------------------------------ from the cloud

    def on_running(self, instance: Instance, launched_ms: int) -> None:
        """An instance runs: its node will register after boot and configuration."""
        name = instance.instance_id
        self._booting[name] = None
        delay_ms = self._latencies.draw_ms("node.boot", name)
        delay_ms += self._latencies.draw_ms("node.register", name)
        joining = self.join_faults.joining(name)
        if joining == "never joins":
            self._engine.trace(f"node {name} never joins")
            return
        if joining == "joins broken":
            self._broken[name] = None
        delay_ms = self.join_faults.delay_ms(delay_ms)
        self._engine.after(delay_ms, EventClass.WORLD, self._register, instance)

    def on_terminating(self, instance: Instance) -> None:
        """An instance shuts down: nothing on it works any more, which the cluster learns later."""
        name = instance.instance_id
        self._booting.pop(name, None)
        self._machines.stop(name)
        lost_ms = self._engine.now_ms + self._latencies.draw_ms("node.unreachable", name)
        self._lost_ms[name] = lost_ms
        self._engine.at(lost_ms, EventClass.WORLD, self._lose, name)

    def on_terminated(self, instance: Instance) -> None:
        """An instance has ended: its node is removed once the cloud node controller notices.

        It asks the cloud about nodes that are not Ready only.
        """
        name = instance.instance_id
        gone_ms = self._engine.now_ms + self._latencies.draw_ms("node.gone", name)
        gone_ms = max(gone_ms, self._lost_ms.pop(name))
        self._engine.at(gone_ms, EventClass.WORLD, self.remove, name)

    def on_launch_failed(self, activity: ScalingActivity, wanted: int) -> None:
        """Instances could not be launched."""
        self._journal.mark(
            "launch_failed", activity.group, f"{wanted} x {activity.status_message}", "warning"
        )

    def on_interruption(self, instances: Sequence[Instance], notice_ms: int, why: str) -> None:
        """EC2 warns that it takes instances back: nothing on them changes yet."""
        self._journal.mark(
            "spot_interruption",
            str(instances[0].pool),
            f"{_count(instances)} end in {notice_ms // 1000} s: {why}",
            "bad",
        )

    def on_rebalance_recommendation(self, instances: Sequence[Instance]) -> None:
        """EC2 recommends to move away from instances: nothing on them changes."""
        self._journal.mark(
            "rebalance_recommendation",
            str(instances[0].pool),
            f"{_count(instances)} are at a raised risk of interruption",
            "warning",
        )

    def on_account_launch(
        self, account: str, pool: CapacityPool, wanted: int, launched: int
    ) -> None:
        """Another account launches on demand: its instances are none of this cluster's."""
        got = f"{launched}" if launched == wanted else f"{launched} of {wanted}"
        self._journal.mark(
            "account_launch",
            account,
            f"account {account} launches {got} {pool.instance_type} on demand in {pool.zone}",
        )

    def on_zone_lost(self, zone: str, instances: int) -> None:
        """A zone fails; what that does to each instance is told one by one."""
        self._journal.mark(
            "zone_lost", zone, f"zone {zone} fails with {instances} instances", "bad"
        )

    def on_price_change(self, pool: CapacityPool, micro_usd_per_hour: int) -> None:
        """What an instance costs changes nothing on its node."""

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
        if name not in self._booting:
            return  # terminated before it came so far
        del self._booting[name]
        node = self.make_node(instance, self._engine.now_ms)
        not_ready = Condition("False", self._engine.now_ms, "KubeletNotReady")
        self._store.create_node(
            replace(node, ready=not_ready, taints=(*node.taints, _NOT_READY_TAINT))
        )
        self._engine.trace(f"node {name} registered")
        self._daemons.start(node)
        if name in self._broken:
            return  # its daemons run, but it stays NotReady for good
        delay_ms = self._latencies.draw_ms("node.daemons_ready", name)
        self._engine.after(delay_ms, EventClass.WORLD, self._ready, name)

    def _ready(self, name: str) -> None:
        node = self._store.nodes.get(name)
        if node is None or not self._machines.is_up(name):
            return
        self._store.update_node(
            node,
            ready=Condition("True", self._engine.now_ms, "KubeletReady"),
            taints=tuple(t for t in node.taints if t != _NOT_READY_TAINT),
        )
        self._engine.trace(f"node {name} ready")
        self._journal.node_ready(node)

    def _lose(self, name: str) -> None:
        """The node's lease has expired: it is Unknown, and its pods serve no more."""
        node = self._store.nodes.get(name)
        if node is None:
            return
        now_ms = self._engine.now_ms
        others = tuple(t for t in node.taints if t != _NOT_READY_TAINT)
        self._store.update_node(
            node,
            ready=Condition("Unknown", now_ms, "NodeStatusUnknown"),
            taints=(*others, _UNREACHABLE_TAINT),
        )
        self._engine.trace(f"node {name} unreachable")
        for uid in list(self._pods_on.get(name, ())):
            pod = self._store.pods[uid]
            if pod.is_ready:
                self._store.update_pod(pod, ready=Condition("False", now_ms))

    def fall_silent(self, name: str) -> bool:
        """Have a node's kubelet stop reporting; False where there is no Ready node to do it.

        Its pods serve no more, because the node controller marks them not Ready; new ones stay
        away.
        """
        node = self._store.nodes.get(name)
        if node is None or not node.is_ready or not self._machines.is_up(name):
            return False
        now_ms = self._engine.now_ms
        self._store.update_node(
            node,
            ready=Condition("False", now_ms, "KubeletNotReady"),
            taints=(*node.taints, _NOT_READY_TAINT),
        )
        self._engine.trace(f"node {name} silent")
        silenced: dict[str, None] = {}
        for uid in list(self._pods_on.get(name, ())):
            pod = self._store.pods[uid]
            if pod.is_ready:
                silenced[uid] = None
                self._store.update_pod(pod, ready=Condition("False", now_ms, NODE_NOT_READY))
        self._silenced[name] = silenced
        return True

    def report_again(self, name: str) -> None:
        """Have a node that fell silent report again: it and its pods are as they were."""
        silenced = self._silenced.pop(name, {})
        node = self._store.nodes.get(name)
        if node is None or not self._machines.is_up(name):
            return
        now_ms = self._engine.now_ms
        self._store.update_node(
            node,
            ready=Condition("True", now_ms, "KubeletReady"),
            taints=tuple(t for t in node.taints if t != _NOT_READY_TAINT),
        )
        self._engine.trace(f"node {name} reports again")
        for uid in silenced:
            pod = self._store.pods.get(uid)
            if pod is not None and pod.ready is not None and pod.ready.reason == NODE_NOT_READY:
                self._store.update_pod(pod, ready=Condition("True", now_ms))

    def remove(self, name: str) -> None:
        """Remove a node with its pods, when its instance is gone or the Node is deleted."""
        node = self._store.nodes.get(name)
        if node is not None:
            for uid in list(self._pods_on.get(name, ())):
                self._store.delete_pod(self._store.pods[uid])
            self._daemons.leave(name)
            self._store.delete_node(node)
            self._engine.trace(f"node {name} removed")
            self._journal.node_removed(node)
        self._pods_on.pop(name, None)
        self._silenced.pop(name, None)
        self._machines.forget(name)

    # ------------------------------------------------------------ from the store

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is not None and new.node_name:
            if old is None or not old.node_name:
                self._pods_on.setdefault(new.node_name, {})[new.uid] = None
        elif new is None and old is not None and old.node_name:
            self._pods_on.get(old.node_name, {}).pop(old.uid, None)


def _count(instances: Sequence[Instance]) -> str:
    pool = instances[0].pool
    return f"{len(instances)} spot instances of {pool.instance_type} in {pool.zone}"
