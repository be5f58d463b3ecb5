"""Where pods run: never above what a node has, never against its taints, never on a cordon."""

from __future__ import annotations

from kingtide.kube.pods import Pod
from kingtide.kube.taints import NOT_READY, untolerated
from kingtide.twin.invariants.invariant import Invariant
from kingtide.twin.invariants.rooms import holds, is_daemon, taken


class BindingsAreAllowed(Invariant):
    """Looks at each binding as it is written."""

    name = "bindings-are-allowed"
    rule = "A pod is bound to a node that exists, whose taints it tolerates, and not to a cordon."

    def follow(self) -> None:
        """See every pod write."""
        self.world.store.on_pods(self._on_pod)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None or not new.node_name or (old is not None and old.node_name):
            return
        node = self.world.store.nodes.get(new.node_name)
        if node is None:
            self.broken(f"pod/{new.key}", f"bound to {new.node_name}, which does not exist")
            return
        taints = [t for t in node.taints if not (is_daemon(new) and t.key == NOT_READY)]
        taint = untolerated(taints, new.spec.tolerations)
        if taint is not None:
            self.broken(f"pod/{new.key}", f"does not tolerate {taint.key} of {node.name}")
        if node.unschedulable and not is_daemon(new):
            self.broken(f"pod/{new.key}", f"bound to {node.name}, which is cordoned")


class NodesGiveWhatTheyHave(Invariant):
    """Recounts the nodes that pods were bound to."""

    name = "nodes-give-what-they-have"
    rule = "The requests of a node's pods never exceed its allocatable."

    def follow(self) -> None:
        """Keep the pods of every node."""
        self._pods_on: dict[str, dict[str, Pod]] = {}
        self._touched: dict[str, None] = {}
        for pod in self.world.store.pods.values():
            self._on_pod(None, pod)
        self.world.store.on_pods(self._on_pod)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None and old.node_name:
                self._pods_on[old.node_name].pop(old.uid, None)
            return
        if new.node_name:
            self._pods_on.setdefault(new.node_name, {})[new.uid] = new
            if old is None or not old.node_name:
                self._touched[new.node_name] = None

    def step(self) -> None:
        """Recount nodes that got a pod."""
        touched, self._touched = self._touched, {}
        for name in touched:
            node = self.world.store.nodes.get(name)
            if node is None:
                continue
            left = node.allocatable - taken(self._pods_on[name].values())
            if not holds(left):
                self.broken(f"node/{name}", f"{left.cpu_millicores} millicores are left")
