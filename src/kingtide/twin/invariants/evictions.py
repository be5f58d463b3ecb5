"""Evictions: protected pods stay, graces are kept, and nothing is done twice."""

from __future__ import annotations

from kingtide.control.action import Action, EvictPod, TerminateInstance
from kingtide.control.claims import disruption_claim
from kingtide.control.drain import SAFE_TO_EVICT
from kingtide.control.node_actions import DeletePod
from kingtide.control.outcome import Outcome
from kingtide.kube.pods import MIRROR_ANNOTATION, Pod
from kingtide.twin.invariants.invariant import Invariant
from kingtide.twin.invariants.rooms import is_daemon

LONGEST_GRACE_SECONDS = 600
"""What drains cut longer graces to (Cluster Autoscaler's --max-graceful-termination-sec)."""


def _is_interrupted(invariant: Invariant, pod: Pod) -> bool:
    """Whether a pod's machine goes away whatever we do: as its node says, or as it is."""
    world = invariant.world
    node = world.store.nodes.get(pod.node_name)
    claim = None if node is None else disruption_claim(node.annotations)
    if claim is not None and claim.reason == "Interrupted":
        return True
    return bool(pod.node_name) and not world.machines.is_up(pod.node_name)


class _OfPods(Invariant):
    """Looks at pods as our evictions and deletions have just left them."""

    def follow(self) -> None:
        """Remember pods that are gone at once, without a grace period."""
        self._gone: dict[str, Pod] = {}
        self.world.store.on_pods(self._on_pod)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None and old is not None:
            self._gone = {old.uid: old}

    def _pod(self, action: Action, outcome: Outcome) -> Pod | None:
        if outcome.status != "done" or not isinstance(action, EvictPod | DeletePod):
            return None
        return self.world.store.pods.get(action.uid) or self._gone.get(action.uid)


class ProtectedPodsStay(_OfPods):
    """Looks at the annotations of what was evicted."""

    name = "protected-pods-stay"
    rule = (
        "No pod with the annotation safe-to-evict: false, and no static pod, is evicted from a node"
        " that could stay."
    )

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look at the pod that goes."""
        pod = self._pod(action, outcome)
        if pod is None or pod.is_terminal or _is_interrupted(self, pod):
            return
        protected = pod.annotations.get(SAFE_TO_EVICT) == "false"
        if protected or MIRROR_ANNOTATION in pod.annotations:
            self.broken(f"pod/{pod.key}", f"{controller} evicted it from {pod.node_name}")


class GracesAreKept(_OfPods):
    """Compares the grace that a pod was given with its own."""

    name = "graces-are-kept"
    rule = (
        "A pod that we evict has the whole grace period of its spec (600 s at most), unless its"
        " machine is being taken away."
    )

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look at the grace of the pod that goes."""
        pod = self._pod(action, outcome)
        if pod is None or pod.is_terminal or is_daemon(pod) or _is_interrupted(self, pod):
            return
        given = action.grace_seconds if isinstance(action, EvictPod | DeletePod) else None
        own = min(pod.spec.termination_grace_period_seconds, LONGEST_GRACE_SECONDS)
        if given is not None and given < own:
            self.broken(f"pod/{pod.key}", f"{controller} gave it {given} s of its {own} s")


class NothingIsDoneTwice(Invariant):
    """Remembers what was evicted and terminated, over restarts of controllers too."""

    name = "nothing-is-done-twice"
    rule = (
        "No pod is evicted and no instance terminated a second time by anybody who could know; what"
        " is said again late, or unseen after a crash or a lost answer, changes nothing."
    )

    def follow(self) -> None:
        """Remember what was done, each with who did it."""
        self._done: dict[str, str] = {}

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look whether it was done before."""
        if outcome.status != "done":
            return
        if isinstance(action, EvictPod):
            subject = f"pod/{action.namespace}/{action.name}"
            key = f"evict {action.uid}"
        elif isinstance(action, TerminateInstance):
            subject = f"instance/{action.instance_id}"
            key = f"terminate {action.instance_id}"
        else:
            return
        if key in self._done and self._is_idle(controller, action):
            return
        if key in self._done:
            self.broken(subject, f"{controller} did what {self._done[key]} had done: {key}")
        self._done[key] = controller

    def _is_idle(self, controller: str, action: Action) -> bool:
        """Whether a call changed nothing and its caller could not know that it would not.

        That is so for an old leader's late call, and while the watch does not show the deletion to
        somebody whom nobody told of it: whose process died since, or whose answer was lost.
        """
        if not isinstance(action, EvictPod):
            return False
        pod, seen = self.world.store.pods.get(action.uid), self.world.watch.index.pod(action.uid)
        if pod is not None and pod.deletion_ms == self.now_ms:
            return False
        if self.world.writes.is_late:
            return True
        is_unseen = seen is not None and seen.deletion_ms is None
        return is_unseen and not self._was_told(controller, action.uid)

    def _was_told(self, controller: str, uid: str) -> bool:
        """Whether this life of a controller had the answer that its eviction was granted."""
        process = self.world.process
        return any(
            isinstance(write.action, EvictPod)
            and write.action.uid == uid
            and write.outcome.status == "done"
            and (write.controller, write.leader) == (controller, process.leader)
            for write in process.audit.writes
        )


class NodesAreEmptiedFirst(Invariant):
    """Looks at the pods of an instance that is terminated, before its machine stops.

    A pod that was told to stop has left only once it is gone or its grace period is over: a machine
    that stops earlier cuts it short, whatever was said in the eviction. On a node that is not Ready
    nobody can tell, nor end a pod in order.
    """

    name = "nodes-are-emptied-first"
    rule = (
        "We terminate no instance of a Ready node on which pods still run that had to leave it"
        " (all but daemons, static pods and those whose grace period is over)."
    )

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look at what is left on the node."""
        if outcome.status != "done" or not isinstance(action, TerminateInstance):
            return
        node = self.world.store.nodes.get(action.instance_id)
        if node is None or not node.is_ready:
            return
        left = [
            pod.key
            for pod in self.world.store.pods.values()
            if pod.node_name == node.name
            and not (pod.is_terminal or self._has_had_its_grace(pod) or is_daemon(pod))
            and MIRROR_ANNOTATION not in pod.annotations
        ]
        if left:
            self.broken(f"node/{node.name}", f"{controller} terminated it under {left[0]}")

    def _has_had_its_grace(self, pod: Pod) -> bool:
        if pod.deletion_ms is None:
            return False
        asked, own = pod.deletion_grace_seconds, pod.spec.termination_grace_period_seconds
        return self.now_ms - pod.deletion_ms >= 1000 * (own if asked is None else asked)
