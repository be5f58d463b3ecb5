"""One replica more for a Deployment that cannot lose a pod, taken back when the pod has left.

A Deployment of one or two replicas whose disruption budget allows no disruption can only be
evicted from after there is one pod more. `spec.replicas` is raised by one, with a mark in the same
patch that says what it was, so that a restart takes back what its forerunner gave. Never while an
HPA scales it, which would take the replica away or count from it; never twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.control.action import Action
from kingtide.control.snapshot import ClusterView
from kingtide.control.workload_actions import ScaleDeployment
from kingtide.controllers.spot_interruption.budgets import Budgets
from kingtide.controllers.spot_interruption.leaving import Leaving
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.labels import selector_matches
from kingtide.kube.pods import Pod
from kingtide.kube.scalables import Scalable

SURGE = "kingtide.dev/surge-before-eviction"
"""`true` on a Deployment: always one more before one of its pods is evicted; `false`: never."""

SURGED = "kingtide.dev/surged"
"""Our mark on a Deployment that has a replica more: what it had, and since when."""


class Surged(msgspec.Struct, frozen=True, gc=False):
    """The mark's value: the replicas before, and the time in milliseconds since the Unix epoch."""

    replicas: int
    since_ms: int


class Surges(msgspec.Struct, frozen=True):
    """Deployments (`Deployment/namespace/name`) that bear our mark, up to `cursor` of the view."""

    cursor: int = 0
    marked: tuple[str, ...] = ()


def look(surges: Surges, cluster: ClusterView) -> Surges:
    """Return which Deployments bear the mark now; only what changed is looked at."""
    touched, cursor = cluster.scalables_touched_since(surges.cursor)
    if not touched:
        return surges if cursor == surges.cursor else Surges(cursor, surges.marked)
    marked = dict.fromkeys(surges.marked)
    for key in touched:
        scalable = cluster.scalables.get(key)
        if scalable is not None and scalable.kind == "Deployment" and mark_of(scalable):
            marked[key] = None
        else:
            marked.pop(key, None)
    return Surges(cursor, tuple(marked))


def mark_of(scalable: Scalable) -> Surged | None:
    """Return our mark on a Deployment, None where it bears none that can be read."""
    text = scalable.annotations.get(SURGED)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Surged)
    except msgspec.DecodeError:
        return None


def deployment_of(pod: Pod, cluster: ClusterView) -> Scalable | None:
    """Return the Deployment of a ReplicaSet's pod, None where it has none.

    A Deployment names its ReplicaSets after itself and a hash of the template.
    """
    if pod.owner is None or pod.owner.kind != "ReplicaSet":
        return None
    for name in (pod.owner.name.rpartition("-")[0], pod.owner.name):
        deployment = cluster.deployments.get(f"{pod.namespace}/{name}")
        if deployment is not None and selector_matches(deployment.selector, pod.labels):
            return cluster.scalables.get(f"Deployment/{pod.namespace}/{name}")
    return None


def begin(
    leaving: Iterable[Leaving],
    cluster: ClusterView,
    surges: Surges,
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> tuple[ScaleDeployment, ...]:
    """Return the scales that give a replica more, where one more can be Ready in time."""
    room = policy.max_surges - len(surges.marked)
    if not policy.surge or room <= 0:
        return ()
    budgets = Budgets(cluster)
    found: dict[str, ScaleDeployment] = {}
    looked_at: dict[str, None] = {}
    scaled_by_hpa: Mapping[str, None] | None = None
    for it in leaving:
        if it.owner in looked_at or len(found) == room:
            continue
        looked_at[it.owner] = None
        ready_ms = now_ms + policy.pod_start_seconds * 1000
        if it.latest_ms is not None and it.latest_ms < ready_ms:
            continue
        deployment = deployment_of(it.pod, cluster)
        if deployment is None or not _wants(deployment, it, budgets, policy):
            continue
        scaled_by_hpa = _scaled_by_hpa(cluster) if scaled_by_hpa is None else scaled_by_hpa
        if deployment.key not in scaled_by_hpa:
            found[deployment.key] = _more(deployment, it, now_ms)
    return tuple(found.values())


class Surging:
    """Tells which pods wait for a replica more, in one pass; made for it and thrown away.

    It is the one that their Deployment was given within a pod's start, or is given in this pass
    (`begun`). Pods of one owner have the same labels, so that their Deployment is looked up once,
    and not at all while no Deployment has one more.
    """

    def __init__(
        self,
        surges: Surges,
        begun: Iterable[ScaleDeployment],
        cluster: ClusterView,
        pod_start_ms: int,
        now_ms: int,
    ) -> None:
        self._cluster = cluster
        self._of_owner: dict[str, bool] = {}
        self._keys = dict.fromkeys(f"Deployment/{it.namespace}/{it.name}" for it in begun)
        for key in surges.marked:
            scalable = cluster.scalables.get(key)
            mark = None if scalable is None else mark_of(scalable)
            if mark is not None and now_ms - mark.since_ms < pod_start_ms:
                self._keys[key] = None

    def holds(self, it: Leaving) -> bool:
        """Return whether a pod waits for the replica more."""
        if not self._keys:
            return False
        known = self._of_owner.get(it.owner)
        if known is None:
            deployment = deployment_of(it.pod, self._cluster)
            known = deployment is not None and deployment.key in self._keys
            self._of_owner[it.owner] = known
        return known


def take_back(
    surges: Surges, still_there: Mapping[str, None], cluster: ClusterView
) -> tuple[ScaleDeployment, ...]:
    """Return the scales that end surges of Deployments without a pod left on a noticed node.

    One that somebody else has scaled in the meantime keeps its replicas and loses the mark.
    """
    found: list[ScaleDeployment] = []
    for key in surges.marked:
        deployment = cluster.scalables.get(key)
        mark = None if deployment is None else mark_of(deployment)
        if deployment is None or mark is None or key in still_there or deployment.size is None:
            continue
        is_ours = deployment.size == mark.replicas + 1
        found.append(
            ScaleDeployment(
                namespace=deployment.namespace,
                name=deployment.name,
                uid=deployment.uid,
                replicas=mark.replicas if is_ours else deployment.size,
                expected_replicas=deployment.size,
                annotations=((SURGED, None),),
                reason="its pods have left the nodes that are taken",
            )
        )
    return tuple(found)


def is_surge(action: Action) -> bool:
    """Return whether a scale gives a replica more, rather than takes one back."""
    return isinstance(action, ScaleDeployment) and action.replicas > action.expected_replicas


def _wants(
    deployment: Scalable, it: Leaving, budgets: Budgets, policy: SpotInterruptionPolicy
) -> bool:
    said = deployment.annotations.get(SURGE)
    if deployment.size is None or said == "false" or mark_of(deployment) is not None:
        return False
    if said == "true":
        return True
    return deployment.size <= policy.surge_max_replicas and not budgets.allow(it)


def _more(deployment: Scalable, it: Leaving, now_ms: int) -> ScaleDeployment:
    size = deployment.size or 0
    mark = msgspec.json.encode(Surged(size, now_ms)).decode()
    return ScaleDeployment(
        namespace=deployment.namespace,
        name=deployment.name,
        uid=deployment.uid,
        replicas=size + 1,
        expected_replicas=size,
        annotations=((SURGED, mark),),
        reason=f"{it.pod.key} has to leave {it.node.name} and cannot be missed",
    )


def _scaled_by_hpa(cluster: ClusterView) -> Mapping[str, None]:
    return {
        f"{it.target_kind}/{it.namespace}/{it.target_name}": None
        for it in cluster.scalables.values()
        if it.kind in ("HorizontalPodAutoscaler", "ScaledObject") and it.target_name
    }
