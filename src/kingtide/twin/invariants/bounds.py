"""The bounds that invariants compare with: settings, each with the reason for its default."""

from __future__ import annotations

import msgspec

from kingtide.fleet.policies.bounds import PositiveCount, PositiveSeconds, Seconds


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long what is allowed for a while may last. Times in seconds."""

    converge_seconds: PositiveSeconds = 2400
    """Once faults have stopped, everything that can run runs within this.

    The longest chain of waits that the defaults allow: an instance that never joins is given up
    after 900 s, the node that comes instead and is never Ready after another 900 s
    (max_node_provision_seconds, max_node_startup_seconds), its group is left alone for 300 s, and
    the next node takes 4 min.
    """

    overprovisioning_seconds: PositiveSeconds = 1800
    """Once faults have stopped, pause pods are all back within this.

    One of the two waits of 900 s, a group's first back-off of 300 s, a node's path of 4 min and a
    preemption by what still grows.
    """

    orphan_seconds: PositiveSeconds = 900
    """An instance runs without a node for no longer than this.

    max_node_provision_seconds' default: who asked for it gives it up by then.
    """

    priority_inversion_seconds: PositiveSeconds = 360
    """A pod waits no longer than this while pods of lower priority hold the room it needs.

    kube-scheduler looks again at pods it could not place after 5 min at the latest, at 30 s
    intervals, and backs off 10 s (podMaxInUnschedulablePodsDuration, pkg/scheduler v1.36).
    """

    last_notice_seconds: Seconds = 30
    """In this last part of an interruption notice a disruption budget may be broken.

    The machine goes away in any case, and a pod that is told to stop ends better.
    """

    budget_lag_seconds: Seconds = 2
    """Pods lost to something else this recently may be missing from a budget's status.

    The disruption controller's queue and watch; judged, well above 100 ms.
    """

    ownership_seconds: PositiveSeconds = 60
    """Two controllers never write one field within this of each other.

    Six passes of a scan of 10 s: whoever yields has seen the other's write by then.
    """

    packing_percent: PositiveCount = 134
    """More nodes are never on their way than this share of what first-fit-decreasing needs.

    First-fit-decreasing takes 11/9 of the best at most (Dósa 2007), which is our own packing's
    worst against the best here; one third leaves room for spreading over zones. One node more is
    always allowed.
    """
