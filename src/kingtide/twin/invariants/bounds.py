"""The bounds that invariants compare with: settings, each with the reason for its default."""

from __future__ import annotations

import msgspec

from kingtide.fleet.policies.bounds import PositiveCount, PositiveSeconds, Seconds


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long what is allowed for a while may last. Times in seconds."""

    converge_seconds: PositiveSeconds = 1200
    """Once faults have stopped, everything that can run runs within this.

    The longest chain of waits that the defaults allow: a node that never joins is given up after
    300 s (where fast fallbacks are wanted), its group is left alone for 300 s, the next node takes
    240 s (facts of the published evening), an image pull storm's tail and a pod's start the rest.
    """

    overprovisioning_seconds: PositiveSeconds = 900
    """Once faults have stopped, pause pods are all back within this.

    They come after everything else, by a node's path of 4 min; a group's first back-off of 300 s
    may come before.
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
