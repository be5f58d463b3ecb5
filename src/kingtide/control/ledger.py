"""Claims of disruption that were granted and are not seen on their nodes yet.

Watches lag; without the ledger two passes in a row could spend the same budget. It is the
process's own: a process that starts lists afresh and so needs none, and losing it is safe. Every
entry ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.control.claims import disruption_claim
from kingtide.control.node_actions import ClaimDisruption, ReleaseDisruption
from kingtide.control.outcome import Outcome
from kingtide.kube.nodes import Node

GRANTED_MAX_MS = 300_000
"""A granted claim that is not seen after this does not count any more.

A watch that lags longer is broken and relists, which shows everything.
"""


class Granted(msgspec.Struct, frozen=True, gc=False):
    """A claim that was written: by whom, on which node (its uid) and when."""

    by: str
    uid: str
    at_ms: int


Ledger = Mapping[str, Granted]
"""By the node's name."""

NOTHING_GRANTED: Ledger = {}


def still_unseen(ledger: Ledger, nodes: Mapping[str, Node], now_ms: int) -> Ledger:
    """Return the entries whose claim is not seen yet: of nodes that exist, and not too old."""
    if not ledger:
        return ledger
    return {
        name: granted
        for name, granted in ledger.items()
        if now_ms - granted.at_ms < GRANTED_MAX_MS
        and (node := nodes.get(name)) is not None
        and node.uid == granted.uid
        and not _is_seen(node, granted)
    }


def with_outcomes(ledger: Ledger, outcomes: Iterable[Outcome]) -> Ledger:
    """Return the ledger after a pass: claims that were written added, those given back removed."""
    after = dict(ledger)
    for outcome in outcomes:
        action = outcome.action
        if outcome.status != "done":
            continue
        if isinstance(action, ClaimDisruption):
            after[action.node] = Granted(action.claim.by, action.node_uid, outcome.at_ms)
        elif isinstance(action, ReleaseDisruption):
            after.pop(action.node, None)
    return after


def _is_seen(node: Node, granted: Granted) -> bool:
    claim = disruption_claim(node.annotations)
    return claim is not None and claim.by == granted.by
