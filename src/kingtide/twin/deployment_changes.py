"""Writes of anybody on Deployments and ReplicaSets, which stand behind one or alone."""

from __future__ import annotations

import msgspec

from kingtide.kube.workloads import Deployment, ReplicaSet
from kingtide.twin.cluster.adoption import Adoption
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.rollouts import Rollouts
from kingtide.twin.cluster.store import Store


class DeploymentChanges:
    """Creates and changes Deployments and ReplicaSets of a running world."""

    def __init__(
        self, store: Store, replica_sets: ReplicaSets, rollouts: Rollouts, adoption: Adoption
    ) -> None:
        self._store = store
        self._replica_sets = replica_sets
        self._rollouts = rollouts
        self._adoption = adoption

    def create(self, value: Deployment) -> None:
        """Store a Deployment; ReplicaSets that it selects and nobody owns become its own."""
        lone = self._adoption.lone_replica_sets(value)
        if not lone and not value.paused and value.key not in self._store.replica_sets:
            self._replica_sets.create(value)
            return
        self._replica_sets.add_bare(value)
        for replica_set in lone:
            self._replica_sets.adopt(value, replica_set)
        self._rollouts.take_over(value)

    def create_replica_set(self, value: ReplicaSet) -> None:
        """Store a ReplicaSet that stands alone, or that its writer made a Deployment's."""
        stored = self._replica_sets.add_replica_set(value)
        self._replica_sets.look(stored.key)
        deployment = self._deployment_of(value)
        if deployment is not None:
            self._rollouts.take_over(deployment)

    def replace(self, gone: ReplicaSet) -> None:
        """Have a Deployment make its ReplicaSet again, where it wants that."""
        deployment = self._deployment_of(gone)
        if deployment is not None:
            self._rollouts.take_over(deployment, lost=gone)

    def change_replica_set(self, value: ReplicaSet) -> None:
        """Store a changed ReplicaSet; it stays whose it is."""
        sets, before = self._replica_sets, self._store.replica_sets[value.key]
        sets.resize(msgspec.structs.replace(value, owner=before.owner))
        deployment = self._deployment_of(before)
        if deployment is not None:
            sets.look_at(deployment.key)  # it has its own idea of that size

    def change(self, value: Deployment) -> None:
        """Store a changed Deployment, and have it scaled, rolled out, paused or resumed."""
        before = self._store.deployments[value.key]
        if before.template == value.template and before.paused == value.paused:
            self._replica_sets.scale(value, value.replicas)
            return
        if before.template != value.template:
            self._rollouts.change_template(value)
        if before.paused != value.paused:
            self._rollouts.pause_or_resume(value)
        self._replica_sets.look_at(value.key)

    def _deployment_of(self, it: ReplicaSet) -> Deployment | None:
        if it.owner is None or it.owner.kind != "Deployment":
            return None
        found = self._store.deployments.get(f"{it.namespace}/{it.owner.name}")
        return found if found is not None and found.uid == it.owner.uid else None
