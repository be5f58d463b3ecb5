"""Tells what a process does to all who listen: journal, log, metrics, Events.

None of them may stop a controller: a journal that cannot be written is counted and told, and the
controllers go on. Whoever takes nodes back does not wait for a disk.
"""

from __future__ import annotations

from collections.abc import Callable

from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Phrases
from kingtide.control.snapshot import ClusterView
from kingtide.live.kubernetes.events.recorder import EventRecorder
from kingtide.live.kubernetes.events.told_event import (
    Regarding,
    event_of_outcome,
    event_of_verdict,
)
from kingtide.operate.running.beginning import FirstPass
from kingtide.operate.running.journal import DecisionFile
from kingtide.operate.running.logs import DecisionLog
from kingtide.operate.running.metrics import Metrics
from kingtide.operate.running.process import Observers

PhrasesOf = Callable[[str], Phrases]
"""Returns the sentences of a controller by its name."""


class Journal:
    """The decision journal as controllers need it: it never fails, it counts."""

    def __init__(self, file: DecisionFile | None, log: DecisionLog, metrics: Metrics) -> None:
        self._file = file
        self._log = log
        self._metrics = metrics
        self._lost = 0

    def write(self, entry: DecisionEntry) -> None:
        """Write a decision; the first that cannot be, and the first that can again, are told."""
        if self._file is None:
            return
        try:
            self._file.write(entry)
        except OSError as error:
            if not self._lost:
                why = error.strerror or type(error).__name__
                self._log.warn("the journal cannot be written; controllers go on", why=why)
            self._lost += 1
            self._metrics.journaled(written=False)
            return
        if self._lost:
            self._log.note("the journal can be written again", lost=self._lost)
            self._lost = 0
        self._metrics.journaled(written=True)


class EventTelling:
    """Has what is decided written as Events, in each controller's own words."""

    def __init__(
        self,
        recorder: EventRecorder,
        phrases: PhrasesOf,
        cluster: ClusterView,
        ourselves: Regarding,
    ) -> None:
        self._recorder = recorder
        self._phrases = phrases
        self._cluster = cluster
        self._ourselves = ourselves

    def decided(self, entry: DecisionEntry) -> None:
        """Tell a pass' verdicts, and what became of its actions."""
        name, cluster, ourselves = entry.controller, self._cluster, self._ourselves
        phrases = self._phrases(name)
        for verdict in entry.report.verdicts:
            self._recorder.tell(event_of_verdict(name, verdict, phrases, cluster, ourselves))
        for outcome in entry.outcomes:
            self._recorder.tell(event_of_outcome(name, outcome, cluster, ourselves))


def observers(
    metrics: Metrics,
    journal: Journal,
    log: DecisionLog,
    events: EventTelling | None,
    first: FirstPass,
) -> Observers:
    """Return what tells all of them; `events` None writes none."""

    def decided(entry: DecisionEntry) -> None:
        metrics.decided(entry)
        journal.write(entry)
        log.decided(entry)
        if events is not None:
            events.decided(entry)

    return Observers(
        decided,
        metrics.passed,
        metrics.refused,
        metrics.held_back,
        metrics.reacted,
        first.ended,
    )
