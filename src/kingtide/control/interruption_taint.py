"""The taint of a node that the cloud takes or may take: ours, and aws-node-termination-handler's.

Its value says which kind of notice came. It is written before anything else, so that no pod is
placed on a node that goes away, and it is what everybody can see of an interruption.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from kingtide.aws.interruptions.events import InterruptionKind
from kingtide.kube.taints import Taint

INTERRUPTED = "kingtide.dev/interrupted"

TERMINATION_HANDLER_TAINTS: Mapping[InterruptionKind, str] = {
    "spot-interruption": "aws-node-termination-handler/spot-itn",
    "rebalance": "aws-node-termination-handler/rebalance-recommendation",
    "asg-terminate": "aws-node-termination-handler/asg-lifecycle-termination",
    "scheduled-change": "aws-node-termination-handler/scheduled-maintenance",
}
"""The keys by which aws-node-termination-handler tells its kinds; their value is an event's id.
Source: https://github.com/aws/aws-node-termination-handler, 62a8761, pkg/node/node.go."""

_KINDS: tuple[InterruptionKind, ...] = get_args(InterruptionKind)


def interruption_of(taints: Iterable[Taint]) -> InterruptionKind | None:
    """Return the kind of notice that a node's taints tell, None where they tell none.

    Ours comes first; a value of it that nobody knows counts as a spot interruption.
    """
    found: InterruptionKind | None = None
    for taint in taints:
        if taint.key == INTERRUPTED:
            named = [kind for kind in _KINDS if kind == taint.value]
            return named[0] if named else "spot-interruption"
        for kind, key in TERMINATION_HANDLER_TAINTS.items():
            if taint.key == key and found is None:
                found = kind
    return found
