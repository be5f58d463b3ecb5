"""What of a pass is left for the next one, because what it presumes was not written.

A decision is made as a whole, and its actions are written one by one. Some follow from others:
nothing is done to a node whose claim was not written, and no nodes are asked for instead of some
that were not given up. The next pass decides anew, on what is there by then.
"""

from __future__ import annotations

from kingtide.control.action import Action, SetDesiredCapacity, TerminateInstance
from kingtide.control.node_actions import ClaimDisruption
from kingtide.control.outcome import Outcome
from kingtide.control.snapshot import ClusterView
from kingtide.control.written_fields import disturbed_node

UNCLAIMED = "Unclaimed"
"""The code of an action on a node whose disruption claim was not written in the same pass."""

NOT_GIVEN_UP = "NotGivenUp"
"""The code of a request for nodes in a pass in which others could not be given up: their group was
not put back, or an instance that was to be none turned out to be a node."""


class Prerequisites:
    """What one controller's actions of one pass may presume, as they are written in their order."""

    def __init__(self, cluster: ClusterView) -> None:
        self._cluster = cluster
        self._unclaimed: dict[str, None] = {}
        self._keeps_nodes = False

    def missing(self, action: Action) -> str:
        """Return the code with which an action is left for the next pass, empty where none is."""
        if disturbed_node(action, self._cluster) in self._unclaimed:
            return UNCLAIMED
        if self._keeps_nodes and _change(action) > 0:
            return NOT_GIVEN_UP
        return ""

    def note(self, outcome: Outcome) -> None:
        """Take in what became of an action; of one that failed nobody knows, so it was not done."""
        action = outcome.action
        if outcome.status == "done":
            return
        if isinstance(action, ClaimDisruption):
            self._unclaimed[action.node] = None
        elif _change(action) < 0 or (isinstance(action, TerminateInstance) and not action.node):
            self._keeps_nodes = True


def _change(action: Action) -> int:
    """Return by how many instances an action changes what a group is asked for."""
    if not isinstance(action, SetDesiredCapacity):
        return 0
    return action.desired - action.expected_desired
