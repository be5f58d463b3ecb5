"""The claims on nodes as they were last seen: who empties which node, whose pods need room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.control.claims import (
    CAPACITY_CLAIM,
    DISRUPTION_CLAIM,
    CapacityClaim,
    DisruptionClaim,
    capacity_claim,
    disruption_claim,
)
from kingtide.kube.nodes import Node

OWN = "node_autoscaling"
"""The name under which node_autoscaling claims."""


class NodeClaims(msgspec.Struct, frozen=True, gc=False):
    """What is claimed of one node; never both None."""

    disruption: DisruptionClaim | None
    capacity: CapacityClaim | None

    @property
    def is_own(self) -> bool:
        """Whether node_autoscaling itself empties the node."""
        return self.disruption is not None and self.disruption.by == OWN

    @property
    def other(self) -> str:
        """Who else empties the node or needs its pods' room elsewhere, empty for nobody."""
        if self.disruption is not None and self.disruption.by != OWN:
            return self.disruption.by
        return "" if self.capacity is None else self.capacity.by

    @property
    def takes_no_pods(self) -> bool:
        """Return whether the node is no place for pods; one whose emptying rests is one."""
        if self.capacity is not None:
            return True
        return self.disruption is not None and not self.disruption.rests

    def has_outlived_its_demand(self, now_ms: int) -> bool:
        """Whether the capacity claim's time is over, and its claimant does not empty the node."""
        capacity, disruption = self.capacity, self.disruption
        if capacity is None or capacity.until_ms is None or now_ms <= capacity.until_ms:
            return False
        return disruption is None or disruption.rests or disruption.by != capacity.by


Claims = Mapping[str, NodeClaims]
"""By the node's name; nodes without claims are left out."""


def claims_of(node: Node) -> NodeClaims | None:
    """Return what is claimed of a node, None for nothing."""
    annotations = node.annotations
    if DISRUPTION_CLAIM not in annotations and CAPACITY_CLAIM not in annotations:
        return None
    disruption, capacity = disruption_claim(annotations), capacity_claim(annotations)
    if disruption is None and capacity is None:
        return None
    return NodeClaims(disruption, capacity)


def with_claims(before: Claims, changed: Iterable[tuple[str, Node | None]]) -> Claims:
    """Return the claims after some nodes changed (None: the node is gone)."""
    after: dict[str, NodeClaims] | None = None
    for name, node in changed:
        found = None if node is None else claims_of(node)
        if found == before.get(name):
            continue
        after = dict(before) if after is None else after
        if found is None:
            after.pop(name, None)
        else:
            after[name] = found
    return before if after is None else after


def in_force(claims: Claims, now_ms: int) -> Claims:
    """Return the claims without capacity claims that have outlived their demand.

    Their claimant gives them back when it looks, in this very pass perhaps; until then nobody buys
    nodes for them.
    """
    over = [name for name, it in claims.items() if it.has_outlived_its_demand(now_ms)]
    if not over:
        return claims
    after = dict(claims)
    for name in over:
        disruption = after.pop(name).disruption
        if disruption is not None:
            after[name] = NodeClaims(disruption, None)
    return after
