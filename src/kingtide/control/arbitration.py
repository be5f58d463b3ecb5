"""One pass of several controllers, made one: who may disturb which node, and who writes a field.

The interruption of a node comes before its reclaim, that before scaling down. A node that somebody
empties is nobody else's unless a higher one displaces the claim; new claims have to fit into the
shared budget, in the order of ranks, and where more stand than it allows the later ones are not
begun; a field that two would write goes to the higher rank. What is
refused is told to its controller as the outcome of its action, and reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from kingtide.control.action import Action
from kingtide.control.budget import Budget, Tally, allowed, is_disrupted, tally, was_never_ready
from kingtide.control.claims import disruption_claim
from kingtide.control.ledger import Ledger
from kingtide.control.node_actions import ClaimDisruption, Uncordon
from kingtide.control.report import Detail, Verdict
from kingtide.control.snapshot import ClusterView
from kingtide.control.turns import claims_ahead, granted_claim, has_begun
from kingtide.control.written_fields import Field, disturbed_node, emptied_node, written_field

RANKS: tuple[str, ...] = (
    "spot_interruption",
    "ondemand_reclaim",
    "node_autoscaling",
    "prescaling",
    "dns_autoscaling",
    "downscaling",
    "overprovisioning",
)
"""Who goes first: what the cloud takes anyway, what is broken or too dear, what is not needed; of
those that size workloads, who raises before an event before who saves. Others come last.
"""

RefusalCode = Literal["ArbitrationLost", "DisruptionBudget"]

SENTENCES: Mapping[str, str] = {
    "ArbitrationLost": "{name} is left to {winner}",
    "DisruptionBudget": (
        "{name} has to wait: the disruption budget allows {allowed} {allowed:node|nodes} at once"
        " for this reason, and {disrupted} {disrupted:is|are} disrupted"
    ),
    "RefusalEnded": "nothing asked of {name} is refused any more",
}
"""What every controller's report may say besides its own."""


class Asked(msgspec.Struct, frozen=True):
    """What one controller asks for in a pass."""

    controller: str
    actions: tuple[Action, ...]


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """Why an action is not performed; `verdict` is what the loser's report says of it."""

    code: RefusalCode
    verdict: Verdict


Refusals = Mapping[int, Refusal]
"""By the action's place in what its controller asked for."""


def same_refusal(verdict: Verdict) -> tuple[str, Detail]:
    """Return what makes a refusal the same as the one before: its kind and who won.

    The numbers of a budget change with every node; that alone is no news.
    """
    return verdict.code, verdict.details.get("winner", "")


def refusal_ended(subject: str) -> Verdict:
    """Return what a report says when nothing asked of a subject is refused any more."""
    return Verdict(subject, "cleared", "RefusalEnded")


def rank_of(controller: str) -> int:
    """Return a controller's rank, 0 for the highest."""
    return RANKS.index(controller) if controller in RANKS else len(RANKS)


def in_order(asked: Sequence[Asked]) -> tuple[int, ...]:
    """Return the places of those who ask, the highest rank first, among equals as they asked."""
    return tuple(sorted(range(len(asked)), key=lambda place: rank_of(asked[place].controller)))


def arbitrate(
    asked: Sequence[Asked],
    cluster: ClusterView,
    budgets: Sequence[Budget],
    ledger: Ledger,
    now_ms: int,
) -> tuple[Refusals, ...]:
    """Return what is refused of what each one asks.

    `ledger` holds the claims granted before and not seen yet.
    """
    arbiter = _Arbiter(cluster, budgets, ledger, now_ms)
    order = in_order(asked)
    refused: list[dict[int, Refusal]] = [{} for _ in asked]
    for place in order:
        refused[place].update(arbiter.claims(asked[place]))
    for place in order:
        refused[place].update(arbiter.others(asked[place], refused[place]))
    return tuple(refused)


class _Arbiter:
    """What has been granted so far in a pass."""

    def __init__(
        self, cluster: ClusterView, budgets: Sequence[Budget], ledger: Ledger, now_ms: int
    ) -> None:
        self._cluster = cluster
        self._budgets = budgets
        self._ledger = ledger
        self._now_ms = now_ms
        self._owners: dict[str, str] = {name: it.by for name, it in ledger.items()}
        self._writers: dict[Field, str] = {}
        self._tally: Tally | None = None

    def claims(self, asked: Asked) -> Iterator[tuple[int, Refusal]]:
        """Yield the claims that are refused, and take in those that are not."""
        for place, action in enumerate(asked.actions):
            if isinstance(action, ClaimDisruption):
                refusal = self._claim(asked.controller, action)
                if refusal is not None:
                    yield place, refusal

    def others(self, asked: Asked, refused: Refusals) -> Iterator[tuple[int, Refusal]]:
        """Yield what else is refused, of a controller whose claims have been looked at.

        A node whose claim was refused is left alone entirely.
        """
        lost = {
            action.node: refused[place]
            for place, action in enumerate(asked.actions)
            if place in refused and isinstance(action, ClaimDisruption)
        }
        for place, action in enumerate(asked.actions):
            if isinstance(action, ClaimDisruption):
                continue
            refusal = self._on_node(asked.controller, action, lost)
            refusal = refusal or self._on_field(asked.controller, action)
            if refusal is not None:
                yield place, refusal

    def _owner(self, node: str) -> str | None:
        granted = self._owners.get(node)
        if granted is not None:
            return granted
        seen = self._cluster.nodes.get(node)
        claim = None if seen is None else disruption_claim(seen.annotations)
        return None if claim is None else claim.by

    def _claim(self, controller: str, action: ClaimDisruption) -> Refusal | None:
        owner = self._owner(action.node)
        if owner is not None and owner != controller:
            may_displace = action.displaces == owner and rank_of(controller) < rank_of(owner)
            if not may_displace:
                return _lost(f"node/{action.node}", owner)
        refusal = self._spend(action)
        if refusal is None:
            self._owners[action.node] = controller
        return refusal

    def _spend(self, action: ClaimDisruption) -> Refusal | None:
        """Count a node that begins to be disrupted, if the budget has room for it."""
        node = self._cluster.nodes.get(action.node)
        claim = action.claim
        if not self._budgets or node is None or claim.rests or was_never_ready(node):
            return None
        if action.node in self._owners or granted_claim(node) is not None:
            return None
        counted = self._counted()
        most = allowed(self._budgets, claim.reason, counted.nodes, self._now_ms)
        # A node that is not Ready, or that the cloud takes, counts without having been granted.
        others = counted.disrupted - is_disrupted(node)
        if most is not None and others >= most:
            return _over_budget(action.node, most, others)
        self._tally = Tally(counted.nodes, others + 1)
        return None

    def _counted(self) -> Tally:
        if self._tally is None:
            self._tally = tally(self._cluster.nodes.values(), self._ledger)
        return self._tally

    def _on_node(
        self, controller: str, action: Action, lost: Mapping[str, Refusal]
    ) -> Refusal | None:
        emptied = emptied_node(action, self._cluster)
        node = disturbed_node(action, self._cluster)
        if node is None:
            return None
        if node in lost:
            return lost[node]
        owner = self._owner(node)
        if owner is None:
            return None
        if owner == controller:
            return self._in_turn(action, node)
        # Who ranks higher may mark a node before its claim is seen, not empty it beside another.
        if emptied is None and rank_of(controller) < rank_of(owner):
            return None
        return _lost(f"node/{node}", owner)

    def _in_turn(self, action: Action, name: str) -> Refusal | None:
        """Refuse to begin under a claim of one's own while others that go first fill the budget."""
        node = self._cluster.nodes.get(name)
        claim = None if node is None else granted_claim(node)
        if not self._budgets or node is None or claim is None or isinstance(action, Uncordon):
            return None
        if has_begun(node) or was_never_ready(node):
            return None
        most = allowed(self._budgets, claim.reason, self._counted().nodes, self._now_ms)
        ahead = claims_ahead(self._cluster.nodes.values(), node)
        return _over_budget(name, most, ahead) if most is not None and ahead >= most else None

    def _on_field(self, controller: str, action: Action) -> Refusal | None:
        field = written_field(action)
        if field is None:
            return None
        writer = self._writers.setdefault(field, controller)
        return None if writer == controller else _lost(field[0], writer)


def _over_budget(node: str, most: int, disrupted: int) -> Refusal:
    details = {"allowed": most, "disrupted": disrupted}
    verdict = Verdict(f"node/{node}", "refused", "DisruptionBudget", details)
    return Refusal("DisruptionBudget", verdict)


def _lost(subject: str, winner: str) -> Refusal:
    verdict = Verdict(subject, "refused", "ArbitrationLost", {"winner": winner})
    return Refusal("ArbitrationLost", verdict)
