"""The fleet at one instant, as far as a scoreboard reads it.

All of it is observed. Times are Unix milliseconds, prices integer micro-USD an hour.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.aws.autoscaling import Lifecycle

OTHERS_TAINTS = ("ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted")
"""What an autoscaler puts on a node that it takes away. Sources:
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md and
https://karpenter.sh/docs/concepts/disruption/ (v1)."""


class SeenGroup(msgspec.Struct, frozen=True, gc=False):
    """A group; `serves` names the demand that it is for: two groups of one name replace each other.

    `price` is what one more node costs, None where nothing tells. `asked_ms` is when the first of
    its launches began that are new since the sighting before, None where it was not raised or no
    activity tells; `newest_ms` is when the last began of those known.
    """

    name: str
    serves: str
    lifecycle: Lifecycle
    desired: int
    price: int | None = None
    asked_ms: int | None = None
    newest_ms: int = 0


class SeenNode(msgspec.Struct, frozen=True, gc=False):
    """A node; `group` is empty for one of no Auto Scaling group; `pool` is Karpenter's NodePool.

    `ready_ms` is None before it is Ready, `launched_ms` where no instance tells, `leaving_ms` while
    nobody takes it away, `price` where the type or its price is unknown.
    """

    name: str
    group: str
    serves: str
    instance_type: str
    lifecycle: Lifecycle
    joined_ms: int
    ready_ms: int | None = None
    launched_ms: int | None = None
    leaving_ms: int | None = None
    price: int | None = None
    pool: str = ""
    spot_price: int | None = None
    """What a spot instance of its type and zone costs: what a reclaimed node would be replaced by.
    """


class Sighting(msgspec.Struct, frozen=True):
    """Groups and nodes by name, and how many pods the scheduler could not place."""

    at_ms: int
    groups: Mapping[str, SeenGroup] = {}
    nodes: Mapping[str, SeenNode] = {}
    waiting_pods: int = 0
