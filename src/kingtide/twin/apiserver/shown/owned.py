"""How many pods each owner has, counted pod by pod: the status of workloads.

The twin's controllers count for themselves; the status they would write is made here, for clients.
"""

from __future__ import annotations

import msgspec

from kingtide.controlplane.workloads.revision import CONTROLLER_REVISION_HASH
from kingtide.kube.pods import Pod
from kingtide.twin.cluster.restarts import is_waiting_to_restart

Owner = tuple[str, str, str]
"""Kind, namespace and name."""


class Counts(msgspec.Struct, frozen=True, gc=False):
    """Pods of an owner: those that have not ended and are not deleted, and those that are Ready."""

    active: int = 0
    ready: int = 0
    scheduled: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.active + other.active,
            self.ready + other.ready,
            self.scheduled + other.scheduled,
        )

    def __sub__(self, other: Counts) -> Counts:
        return Counts(
            self.active - other.active,
            self.ready - other.ready,
            self.scheduled - other.scheduled,
        )


NONE = Counts()


class Owned:
    """Counts by owner; `restarts` counts how often a pod's containers were killed, by uid."""

    def __init__(self) -> None:
        self.counts: dict[Owner, Counts] = {}
        self._of_revision: dict[tuple[str, str, str], int] = {}
        """Active pods of StatefulSets, by namespace, name and revision."""
        self.restarts: dict[str, tuple[int, int]] = {}
        """How often, and when last."""

    def take(self, old: Pod | None, new: Pod | None, now_ms: int) -> Owner | None:
        """Take a pod's change in; return the owner whose counts changed, None for none."""
        if new is None:
            if old is not None:
                self.restarts.pop(old.uid, None)
        elif is_waiting_to_restart(new) and not (old is not None and is_waiting_to_restart(old)):
            self.restarts[new.uid] = (self.restarts.get(new.uid, (0, 0))[0] + 1, now_ms)
        return self._counted(old, new)

    def hand_over(self, old: Pod, new: Pod) -> tuple[Owner, ...]:
        """Take in that a pod has another owner; return both."""
        owners = (self._counted(old, None), self._counted(None, new))
        return tuple(it for it in owners if it is not None)

    def _counted(self, old: Pod | None, new: Pod | None) -> Owner | None:
        pod = new if new is not None else old
        if pod is None or pod.owner is None:
            return None
        changed = _of(new) - _of(old)
        if changed == NONE:
            return None
        owner = (pod.owner.kind, pod.namespace, pod.owner.name)
        counts = self.counts.get(owner, NONE) + changed
        if counts == NONE:
            self.counts.pop(owner, None)
        else:
            self.counts[owner] = counts
        revision = pod.labels.get(CONTROLLER_REVISION_HASH, "")
        if revision and changed.active:
            place = (pod.namespace, pod.owner.name, revision)
            left = self._of_revision.pop(place, 0) + changed.active
            if left:
                self._of_revision[place] = left
        return owner

    def updated(self, namespace: str, name: str, revision: str) -> int:
        """Return how many active pods of a StatefulSet are of a revision."""
        return self._of_revision.get((namespace, name, revision), 0)


def _of(pod: Pod | None) -> Counts:
    if pod is None or pod.is_terminal or pod.deletion_ms is not None:
        return NONE
    return Counts(1, int(pod.is_ready), int(pod.node_name != ""))
