"""Nodes disrupted at once: never more than the shared budget, over all controllers."""

from __future__ import annotations

from kingtide.control.action import Action, AddTaint
from kingtide.control.budget import allowed, read_budgets
from kingtide.control.claims import disruption_claim
from kingtide.control.node_actions import ClaimDisruption, Cordon
from kingtide.control.outcome import Outcome
from kingtide.control.turns import has_begun
from kingtide.kube.nodes import Node
from kingtide.twin.invariants.invariant import Invariant


class NodesStayWithinBudget(Invariant):
    """Counts the claims on nodes themselves, after each that was written.

    What the cloud takes is nobody's choice and is not held against the budget here, and a node that
    has never been Ready is nothing that could be missed.

    A claim that an old leader had sent before it stood still arrives though somebody else leads and
    has granted others: no API server asks a writer whether it still leads. Such a claim breaks
    nothing by itself, as it only says what is meant; who leads now must not begin what it means
    while there is no room. So of a late claim it is looked at what follows it on the node.
    """

    name = "nodes-stay-within-budget"
    rule = (
        "No claim of ours has more nodes voluntarily disrupted at once than the cluster's budgets"
        " allow, whoever claimed them; what an old leader claims late beyond that is not begun."
    )

    def follow(self) -> None:
        """Read the budgets once."""
        self._budgets = read_budgets(self.world.definition.disruption)
        self._nodes = [0, 0]
        """Nodes of the last minute and of now: a controller may have counted either."""
        self._were_ready: dict[str, None] = {}
        self._came_late: dict[str, None] = {}
        """Nodes whose claims came late, until they are begun or claimed anew, by uid."""
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
        """Count all voluntary claims after one was written, or a late one was begun."""
        if outcome.status != "done":
            return
        if isinstance(action, ClaimDisruption):
            self._claimed(controller, action)
        elif isinstance(action, Cordon | AddTaint) and not self.world.writes.is_late:
            self._begun(controller, action)

    def _claimed(self, controller: str, action: ClaimDisruption) -> None:
        if self.world.writes.is_late:
            self._came_late[action.node_uid] = None
            return
        self._came_late.pop(action.node_uid, None)
        claimed = [it for it in self._counted() if it.uid not in self._came_late]
        self._compare(controller, action.node, action.claim.reason, len(claimed))

    def _begun(self, controller: str, action: Cordon | AddTaint) -> None:
        node = self.world.store.nodes.get(action.node)
        claim = None if node is None else disruption_claim(node.annotations)
        if node is None or claim is None or action.node_uid not in self._came_late:
            return
        del self._came_late[action.node_uid]
        begun = [it for it in self._counted() if it.uid == node.uid or has_begun(it)]
        self._compare(controller, node.name, claim.reason, len(begun))

    def _counted(self) -> list[Node]:
        nodes = self.world.store.nodes.values()
        return [it for it in nodes if it.uid in self._were_ready and _counts(it)]

    def _compare(self, controller: str, node: str, reason: str, disrupted: int) -> None:
        nodes = max(*self._nodes, len(self.world.store.nodes))
        most = allowed(self._budgets, reason, nodes, self.now_ms)
        if most is not None and disrupted > most:
            told = f"{controller} claimed it ({reason}): {disrupted} nodes, {most} allowed"
            self.broken(f"node/{node}", told)


def _counts(node: Node) -> bool:
    """Whether a node is being disrupted by somebody's choice.

    One that rests between two attempts is not, also when its rest is over, as long as it takes
    pods: it has to be claimed anew before anybody goes on, and that counts.
    """
    claim = disruption_claim(node.annotations)
    if claim is None or claim.reason == "Interrupted":
        return False
    return claim.not_before_ms is None or node.unschedulable
