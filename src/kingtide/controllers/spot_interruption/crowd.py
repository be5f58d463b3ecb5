"""The pods of a noticed node that have to leave, looked through only when one of them changes.

A node keeps its notice for minutes, and passes come every second: what a pod is does not change
between them, only what may be done with it.
"""

from __future__ import annotations

import msgspec

from kingtide.control.drain import is_long_terminating, must_leave
from kingtide.control.snapshot import ClusterView
from kingtide.kube.pods import Pod


class Guest(msgspec.Struct, frozen=True, gc=False):
    """A pod that has to leave, and what tells its workload from others."""

    pod: Pod
    owner: str


class Crowd(msgspec.Struct, frozen=True):
    """The pods of one node that have to leave: those not told yet, and those that are going."""

    untold: tuple[Guest, ...] = ()
    going: tuple[Pod, ...] = ()

    def count(self, now_ms: int) -> int:
        """Return how many are there still; one that should be long gone does not count."""
        return len(self.untold) + sum(not is_long_terminating(it, now_ms) for it in self.going)


def crowd_on(node: str, cluster: ClusterView) -> Crowd:
    """Return the pods of a node that have to leave, in the order in which they came."""
    untold: list[Guest] = []
    going: list[Pod] = []
    for pod in cluster.pods_on(node).values():
        # Whether one has been going for too long is a matter of the moment: `count`.
        if not must_leave(pod, pod.deletion_ms or 0):
            continue
        if pod.deletion_ms is None:
            untold.append(Guest(pod, owner_of(pod)))
        else:
            going.append(pod)
    return Crowd(tuple(untold), tuple(going))


def owner_of(pod: Pod) -> str:
    """Return what tells a pod's workload from others; a pod without owner is one of its own."""
    if pod.owner is None:
        return f"Pod/{pod.key}"
    return f"{pod.owner.kind}/{pod.namespace}/{pod.owner.name}"
