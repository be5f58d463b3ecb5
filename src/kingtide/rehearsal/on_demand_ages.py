"""How old on-demand nodes get where spot could serve for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.kube.nodes import GROUP_LABEL, Node

if TYPE_CHECKING:
    from kingtide.twin.world import World


class OnDemandAges:
    """Follows on-demand nodes of application groups that have spot groups too, until they are gone.

    A node's age counts from its object's creation, as `kubectl get nodes` shows it.
    """

    def __init__(self, world: World) -> None:
        groups = world.definition.node_groups
        served = {it.labels.get(GROUP_LABEL): None for it in groups if it.group.lifecycle == "spot"}
        self._served_by_spot = {name: None for name in served if name}
        self._store = world.store
        self._start_ms = world.definition.start_ms
        self._engine = world.engine
        self._oldest_gone_ms: int | None = None
        world.store.on_nodes(self._on_node)

    def oldest_ms(self, now_ms: int) -> int | None:
        """Return the greatest age that any reached by now, None where there was no such node."""
        ages = [now_ms - it.created_ms for it in self._store.nodes.values() if self._counts(it)]
        if self._oldest_gone_ms is not None:
            ages.append(self._oldest_gone_ms)
        return max(ages, default=None)

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        now_ms = self._engine.now_ms
        if new is not None or old is None or now_ms < self._start_ms or not self._counts(old):
            return
        self._oldest_gone_ms = max(self._oldest_gone_ms or 0, now_ms - old.created_ms)

    def _counts(self, node: Node) -> bool:
        return not node.is_spot and node.labels.get(GROUP_LABEL, "") in self._served_by_spot
