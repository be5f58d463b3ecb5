"""Nodes disrupted at once: never more than the shared budget, over all controllers."""

from __future__ import annotations

from kingtide.control.action import Action
from kingtide.control.budget import allowed, read_budgets
from kingtide.control.claims import disruption_claim
from kingtide.control.node_actions import ClaimDisruption
from kingtide.control.outcome import Outcome
from kingtide.kube.nodes import Node
from kingtide.twin.invariants.invariant import Invariant


class NodesStayWithinBudget(Invariant):
    """Counts the claims on nodes themselves, after each that was written.

    What the cloud takes is nobody's choice and is not held against the budget here, and a node that
    has never been Ready is nothing that could be missed.
    """

    name = "nodes-stay-within-budget"
    rule = (
        "No claim of ours has more nodes voluntarily disrupted at once than the cluster's budgets"
        " allow, whoever claimed them."
    )

    def follow(self) -> None:
        """Read the budgets once."""
        self._budgets = read_budgets(self.world.definition.disruption)
        self._nodes = [0, 0]
        """Nodes of the last minute and of now: a controller may have counted either."""
        self._were_ready: dict[str, None] = {}
        for node in self.world.store.nodes.values():
            self._on_node(None, node)
        self.world.store.on_nodes(self._on_node)

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        if new is not None and new.is_ready:
            self._were_ready[new.uid] = None
        elif new is None and old is not None:
            self._were_ready.pop(old.uid, None)

    def minute(self) -> None:
        """Keep the number of nodes, of which percentages are taken."""
        self._nodes = [self._nodes[1], len(self.world.store.nodes)]

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Count all voluntary claims after one was written."""
        if outcome.status != "done" or not isinstance(action, ClaimDisruption):
            return
        reason = action.claim.reason
        nodes = max(*self._nodes, len(self.world.store.nodes))
        most = allowed(self._budgets, reason, nodes, self.now_ms)
        if most is None:
            return
        claimed = [
            it.name
            for it in self.world.store.nodes.values()
            if it.uid in self._were_ready and _counts(it)
        ]
        if len(claimed) > most:
            told = f"{controller} claimed it ({reason}): {len(claimed)} nodes, {most} allowed"
            self.broken(f"node/{action.node}", told)


def _counts(node: Node) -> bool:
    """Whether a node is being disrupted by somebody's choice.

    One that rests between two attempts is not, also when its rest is over, as long as it takes
    pods: it has to be claimed anew before anybody goes on, and that counts.
    """
    claim = disruption_claim(node.annotations)
    if claim is None or claim.reason == "Interrupted":
        return False
    return claim.not_before_ms is None or node.unschedulable
