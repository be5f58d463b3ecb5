"""What a run leaves to be told.

Marked events, decisions and the times that figures are made from.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.control.action import Action
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.outcome import Outcome
from kingtide.control.report import Report, Verdict
from kingtide.kube.nodes import Node
from kingtide.twin.engine import Engine, EventClass

Severity = Literal["info", "warning", "bad"]

# An evening of 1,000 nodes with two peaks leaves a few thousand entries; a hundred times that is a
# runaway scenario whose first part still explains it.
MAX_ENTRIES = 500_000


class Mark(msgspec.Struct, frozen=True, gc=False):
    """Something worth a mark on the time axis.

    `kind` is `node_ready`, `launch_failed`, `rescaled`, ...
    """

    at_ms: int
    kind: str
    subject: str
    message: str
    severity: Severity = "info"


class Journal:
    """Collects marks and decisions in time order, from `record_from_ms` on, at most so many each.

    `dropped` says how many came after that. What controllers hold when recording begins, said
    earlier, is recorded then: a verdict is told when it changes, so it would never be told again.
    """

    def __init__(self, engine: Engine, record_from_ms: int, most: int = MAX_ENTRIES) -> None:
        self._engine = engine
        self._record_from_ms = record_from_ms
        self._most = most
        self.marks: list[Mark] = []
        self.decisions: list[DecisionEntry] = []
        self.dropped = 0
        self._standing: dict[str, dict[str, Verdict]] = {}
        if engine.now_ms < record_from_ms:
            engine.at(record_from_ms, EventClass.WORLD, self._begin)

    def _begin(self) -> None:
        """Record what was said before and still holds, one entry a controller."""
        standing, self._standing = self._standing, {}
        for controller, verdicts in standing.items():
            self.decision(controller, Report(verdicts=tuple(verdicts.values())), (), ())

    def mark(self, kind: str, subject: str, message: str, severity: Severity = "info") -> None:
        """Add a mark at the present time."""
        if self._engine.now_ms < self._record_from_ms:
            return
        if len(self.marks) >= self._most:
            self.dropped += 1
            return
        self.marks.append(Mark(self._engine.now_ms, kind, subject, message, severity))

    def decision(
        self,
        controller: str,
        report: Report,
        actions: tuple[Action, ...],
        outcomes: tuple[Outcome, ...],
    ) -> None:
        """Add a pass, unless nothing in it is new."""
        if self._engine.now_ms < self._record_from_ms:
            self._remember(controller, report)
            return
        if not (report.verdicts or actions):
            return
        if len(self.decisions) >= self._most:
            self.dropped += 1
            return
        self.decisions.append(
            DecisionEntry(self._engine.now_ms, controller, report, actions, outcomes)
        )

    def _remember(self, controller: str, report: Report) -> None:
        standing = self._standing.setdefault(controller, {})
        for verdict in report.verdicts:
            standing.pop(verdict.subject, None)
            if verdict.stance in ("refused", "waits", "noticed"):
                standing[verdict.subject] = verdict

    def node_ready(self, node: Node) -> None:
        """A node became Ready."""
        lifecycle = "spot" if node.is_spot else "on-demand"
        waited_s = (self._engine.now_ms - node.created_ms) // 1000
        self.mark(
            "node_ready",
            node.name,
            f"{lifecycle} node {node.name} is Ready, {waited_s} s after it registered",
        )

    def node_removed(self, node: Node) -> None:
        """A node is gone."""
        self.mark("node_removed", node.name, f"node {node.name} is gone")
