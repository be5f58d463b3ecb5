"""Every metric of a running process, declared once: what is counted, shown and documented."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["counter", "gauge", "histogram"]


class Declared(msgspec.Struct, frozen=True):
    """One metric: its name without the `_total` that Prometheus adds to counters, and its labels.

    `bounds` are a histogram's, in its unit.
    """

    name: str
    kind: Kind
    about: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

    @property
    def shown_name(self) -> str:
        """The name as /metrics shows it."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


PASS_SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)
"""Bounds of a pass' histogram: an unchanged one takes under a millisecond, one that acts on a
hundred nodes through an API that throttles a minute."""
REACTION_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
"""Passes keep a second's distance, so that most changes are decided on within one; what takes
longer waited for a pass that acts."""

VERDICTS = Declared(
    "kingtide_verdicts",
    "counter",
    "Verdicts that changed, by controller, stance and code.",
    ("controller", "stance", "code"),
)
ACTIONS = Declared(
    "kingtide_actions",
    "counter",
    "Actions by controller, kind, what became of them and the API's code.",
    ("controller", "action", "status", "code"),
)
REFUSALS = Declared(
    "kingtide_refusals",
    "counter",
    "What the process did not do, by why: safety, lease, arbitration, dry run. Of what holds a"
    " whole pass back each look counts.",
    ("code",),
)
HELD_BACK = Declared(
    "kingtide_held_back",
    "gauge",
    "1 while nothing is decided for this reason: StaleView, PartialView, OtherCluster.",
    ("code",),
)
PASSES = Declared(
    "kingtide_pass_seconds",
    "histogram",
    "Time from the begin of a pass to the end of a controller's actions.",
    ("controller",),
    PASS_SECONDS,
)
REACTIONS = Declared(
    "kingtide_change_to_decision_seconds",
    "histogram",
    "Time from a change's arrival by watch to the decision of a controller that watches it.",
    ("controller",),
    REACTION_SECONDS,
)
FIRST_PASS = Declared(
    "kingtide_first_pass_seconds",
    "gauge",
    "Time from the start of the process to the end of its first pass; absent before.",
)
LEADER = Declared("kingtide_leader", "gauge", "1 while this process leads.")
TERMS = Declared("kingtide_leader_terms", "counter", "How often this process began to lead.")
LEASE_FAILURES = Declared(
    "kingtide_lease_failures", "counter", "Tries for the Lease that failed, renewals included."
)
STALENESS = Declared(
    "kingtide_view_staleness_seconds",
    "gauge",
    "How long nothing was heard of what is watched; +Inf before the first list.",
    ("watched",),
)
OBJECTS = Declared("kingtide_view_objects", "gauge", "Objects in the view.", ("watched",))
UNREADABLE = Declared(
    "kingtide_unreadable_objects",
    "counter",
    "Objects of the API that could not be read and were left out.",
    ("watched",),
)
LISTS = Declared("kingtide_lists", "counter", "Lists that were begun.", ("watched",))
WATCH_FAILURES = Declared(
    "kingtide_watch_failures", "counter", "Lists and watches that failed.", ("watched",)
)
WRITES_HELD_BACK = Declared(
    "kingtide_writes_held_back",
    "counter",
    "Writes to the cluster that were not sent because there were too many a second.",
)
AWS_CALLS = Declared(
    "kingtide_aws_calls", "counter", "Calls of AWS by service:Operation.", ("call",)
)
AWS_FAILURES = Declared(
    "kingtide_aws_call_failures", "counter", "Calls of AWS that failed.", ("call",)
)
AWS_HELD_BACK = Declared(
    "kingtide_aws_calls_held_back",
    "counter",
    "Calls of AWS that were not sent because their controller had made too many within a minute.",
    ("by",),
)
AWS_REFRESHES = Declared(
    "kingtide_aws_refreshes", "counter", "Refreshes of the view of groups, by result.", ("result",)
)
ODDITIES = Declared(
    "kingtide_aws_oddities",
    "counter",
    "What AWS told that could not be read, or only in part, by code.",
    ("code",),
)
QUEUE_MESSAGES = Declared(
    "kingtide_queue_messages", "gauge", "Messages that were received and not acknowledged."
)
QUEUE_FAILURES = Declared("kingtide_queue_failures", "counter", "Polls of the queue that failed.")
EVENTS = Declared(
    "kingtide_events",
    "counter",
    "Kubernetes Events by result: written, failed (tried again), dropped.",
    ("result",),
)
JOURNAL = Declared(
    "kingtide_journal_entries", "counter", "Decisions by result: written, lost.", ("result",)
)
JOURNAL_WORKS = Declared(
    "kingtide_journal_works", "gauge", "1 while the journal can be written; controllers go on at 0."
)
POLICY_VALID = Declared(
    "kingtide_policy_valid", "gauge", "1 while the fleet's files, as they are now, are in effect."
)
RELOADS = Declared(
    "kingtide_policy_reloads",
    "counter",
    "Changes of the fleet's files that were read, by result: changed, unchanged, invalid.",
    ("result",),
)
BUILD = Declared("kingtide_build_info", "gauge", "Always 1; which version this is.", ("version",))

METRICS: tuple[Declared, ...] = (
    VERDICTS,
    ACTIONS,
    REFUSALS,
    HELD_BACK,
    PASSES,
    REACTIONS,
    FIRST_PASS,
    LEADER,
    TERMS,
    LEASE_FAILURES,
    STALENESS,
    OBJECTS,
    UNREADABLE,
    LISTS,
    WATCH_FAILURES,
    WRITES_HELD_BACK,
    AWS_CALLS,
    AWS_FAILURES,
    AWS_HELD_BACK,
    AWS_REFRESHES,
    ODDITIES,
    QUEUE_MESSAGES,
    QUEUE_FAILURES,
    EVENTS,
    JOURNAL,
    JOURNAL_WORKS,
    POLICY_VALID,
    RELOADS,
    BUILD,
)
