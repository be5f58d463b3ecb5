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


UNCERTAIN_MAX_MS = 60_000
"""The same for a claim whose write failed: an error may hide that it was done.

A minute is past the lag of a watch that is well.
"""


class Granted(msgspec.Struct, frozen=True, gc=False):
    """A claim that was written, or may have been: by whom, on which node (its uid) and when."""

    by: str
    uid: str
    at_ms: int
    is_certain: bool = True

    @property
    def until_ms(self) -> int:
        """When it no longer counts, seen or not."""
        return self.at_ms + (GRANTED_MAX_MS if self.is_certain else UNCERTAIN_MAX_MS)


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
        if now_ms < granted.until_ms
        and (node := nodes.get(name)) is not None
        and node.uid == granted.uid
        and not _is_seen(node, granted)
    }


def with_outcomes(ledger: Ledger, outcomes: Iterable[Outcome]) -> Ledger:
    """Return the ledger after a pass: claims that were written added, those given back removed.

    A claim that was refused is not on its node; one that failed may be.
    """
    after = dict(ledger)
    for outcome in outcomes:
        action, status = outcome.action, outcome.status
        if isinstance(action, ClaimDisruption) and action.claim.rests:
            continue  # it takes no room, and gives none free before that is seen
        if isinstance(action, ClaimDisruption) and status in ("done", "failed"):
            after[action.node] = Granted(
                action.claim.by, action.node_uid, outcome.at_ms, is_certain=status == "done"
            )
        elif isinstance(action, ReleaseDisruption) and status == "done":
            after.pop(action.node, None)
    return after


def _is_seen(node: Node, granted: Granted) -> bool:
    claim = disruption_claim(node.annotations)
    return claim is not None and claim.by == granted.by and not claim.rests
