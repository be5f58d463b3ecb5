"""What components of the simulated cluster are put together from, one at a time."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, OwnerReference, Pod, PodSpec, PodTemplate
from kingtide.kube.workloads import Deployment, ReplicaSet
from kingtide.twin.cluster.deletion import PodDeletion
from kingtide.twin.cluster.machines import Machines
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application
from kingtide.twin.engine import Engine
from kingtide.twin.journal import Journal
from kingtide.twin.latencies import Latency, LatencyTable, constant
from kingtide.twin.seed import SeedTree
from tests.twin.worlds import START_MS, fixed_node, spec

PULL_MS, START_CONTAINERS_MS, REPORT_MS, STOP_MS = 2_000, 1_000, 500, 4_000

STEADY: Mapping[str, Latency] = {
    "kubelet.pull_image": constant(PULL_MS, "test"),
    "kubelet.start_containers": constant(START_CONTAINERS_MS, "test"),
    "kubelet.stop_containers": constant(STOP_MS, "test"),
    "kubelet.report_status": constant(REPORT_MS, "test"),
}


class Parts:
    """An empty cluster at the start of time."""

    def __init__(self, latencies: Mapping[str, Latency] | None = None) -> None:
        self.engine = Engine(START_MS)
        self.seeds = SeedTree(1)
        self.latencies = LatencyTable(self.seeds, {**STEADY, **(latencies or {})})
        self.store = Store()
        self.machines = Machines()
        self.journal = Journal(self.engine, START_MS)
        self.deletion = PodDeletion(self.engine, self.store)

    def after(self, milliseconds: int) -> None:
        """Run to a time after the start."""
        self.engine.run_until(START_MS + milliseconds)

    def add_node(self, name: str = "n1", millicores: int = 4_000) -> Node:
        return self.store.create_node(fixed_node(name, millicores))

    def add_pod(
        self,
        uid: str,
        node: str = "",
        *,
        owner: str = "api",
        pod_spec: PodSpec | None = None,
        running: bool = False,
        ready: bool = False,
    ) -> Pod:
        """A pod of an application `test/<owner>`, created now."""
        now_ms = self.engine.now_ms
        return self.store.create_pod(
            Pod(
                namespace="test",
                name=f"pod-{uid}",
                uid=uid,
                spec=pod_spec or spec(1_000),
                labels={"app": owner},
                created_ms=now_ms,
                owner=OwnerReference("ReplicaSet", owner, f"rs/{owner}"),
                node_name=node,
                phase="Running" if running or ready else "Pending",
                started_ms=now_ms if running or ready else None,
                ready=Condition("True" if ready else "False", now_ms) if running or ready else None,
            )
        )

    def pod(self, uid: str) -> Pod:
        return self.store.pods[uid]


def deployment(application: Application) -> Deployment:
    return Deployment(
        application.namespace,
        application.name,
        f"deployment/{application.key}",
        application.replicas,
        application.template,
        LabelSelector(),
    )


def replica_set(name: str, replicas: int) -> ReplicaSet:
    return ReplicaSet(
        "test", name, f"rs/{name}", replicas, PodTemplate({}, spec(1_000)), LabelSelector()
    )
