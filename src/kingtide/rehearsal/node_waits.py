"""How long nodes take as pods feel it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.kube.pods import Pod

if TYPE_CHECKING:
    from kingtide.twin.world import World


class NodeWaits:
    """Follows unschedulable pods to the node that takes them, if it became Ready after they asked.

    That is how long a node takes as pods feel it: noticing, asking, launching, joining.
    """

    def __init__(self, world: World) -> None:
        self.waits_ms: list[int] = []
        self._record_from_ms = world.definition.start_ms
        self._asked_ms: dict[str, int] = {}
        self._store = world.store
        world.store.on_pods(self._on_pod)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None:
                self._asked_ms.pop(old.uid, None)
            return
        if new.is_unschedulable and new.scheduled is not None:
            self._asked_ms.setdefault(new.uid, new.scheduled.since_ms)
        elif new.node_name and new.uid in self._asked_ms:
            asked_ms = self._asked_ms.pop(new.uid)
            node = self._store.nodes.get(new.node_name)
            if node is None or asked_ms < self._record_from_ms:
                return
            if node.is_ready and node.ready.since_ms > asked_ms:
                self.waits_ms.append(node.ready.since_ms - asked_ms)
