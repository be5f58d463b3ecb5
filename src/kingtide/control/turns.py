"""Who goes first when more claims of disruption stand on nodes than the budget allows.

Granting cannot prevent that: a claim that an old leader had sent before it stood still arrives
whatever the new one has granted meanwhile, since an API server asks nobody whether a writer still
leads, and a budget may become smaller. A claim by itself disturbs nothing; what follows it does. So
nodes that are being emptied already go on, of the others those that were claimed first, and the
rest waits until there is room.
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.control.budget import was_never_ready
from kingtide.control.claims import DisruptionClaim, disruption_claim
from kingtide.control.removal_taint import removal_taint
from kingtide.kube.nodes import Node


def granted_claim(node: Node) -> DisruptionClaim | None:
    """Return the claim on a node that the budget had to grant, None where there is none.

    What the cloud takes is never granted, and who rests between two attempts asks anew.
    """
    claim = disruption_claim(node.annotations)
    if claim is None or claim.rests or claim.reason == "Interrupted":
        return None
    return claim


def has_begun(node: Node) -> bool:
    """Return whether a node is kept free of new pods, which is how every emptying begins."""
    return node.unschedulable or removal_taint(node) is not None


def claims_ahead(nodes: Iterable[Node], of: Node) -> int:
    """Return how many granted claims on nodes go before the one on `of`, which bears one."""
    turn = _turn(of)
    return sum(
        other.name != of.name
        and granted_claim(other) is not None
        and not was_never_ready(other)
        and _turn(other) < turn
        for other in nodes
    )


def _turn(node: Node) -> tuple[bool, int, str]:
    claim = granted_claim(node)
    since_ms = 0 if claim is None else claim.since_ms
    return not has_begun(node), since_ms, node.name
