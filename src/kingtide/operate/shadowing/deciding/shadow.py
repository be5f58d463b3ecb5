"""Our controllers beside another autoscaler: they decide, nobody acts, the scoreboard counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from kingtide.control.agenda import Agenda
from kingtide.control.budget import Budget
from kingtide.control.controller import Topic
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.deliberation import Deliberation, Turn
from kingtide.control.loop import ControlLoop, Sight
from kingtide.control.snapshot import CloudView, ClusterView
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.operate.shadowing.deciding.answers import answer
from kingtide.operate.shadowing.deciding.late_cloud import LateCloud
from kingtide.operate.shadowing.deciding.sight import Prices, sighting_of
from kingtide.operate.shadowing.scoring import course
from kingtide.operate.shadowing.scoring.board import Board
from kingtide.operate.shadowing.scoring.sighting import Sighting
from kingtide.operate.shadowing.scoring.wishes import COMPARED, Wishes, wishes_of
from kingtide.roster.registry import CONTROLLERS, ControllerRun, loop_name

SEED = 1
"""Chance decides between equal groups only; `kingtide run` draws from the same seed."""

LOOK_MS = 1_000
"""What the other does is dated by when it is seen; describe calls are some seconds old anyway."""

Told = Callable[[DecisionEntry], object]


class Shadow:
    """Looks when `wake` or its controllers say; `board` is the score so far.

    It has no performer, nor any way to one: what its controllers ask for ends in the scoreboard.
    """

    def __init__(
        self,
        cluster: ClusterView,
        cloud: CloudView,
        board: Board,
        runs: Sequence[ControllerRun],
        budgets: tuple[Budget, ...],
        prices: Prices,
        told: Told = lambda _: None,
    ) -> None:
        self.board = with_settings(board, runs)
        self.before: Sighting | None = None
        self._cluster = cluster
        self._cloud = cloud
        self._late = LateCloud(cloud)
        self._prices = prices
        self._told = told
        sight = Sight(cluster, self._late, board.cluster, tuple, budgets)
        compared = compared_runs(runs)
        self.agenda = Agenda(
            [
                ControlLoop(
                    CONTROLLERS[it.key].controller, it.policy, sight, SEED, loop_name(compared, n)
                )
                for n, it in enumerate(compared)
            ]
        )
        self._deliberation = Deliberation(cluster, budgets)

    def begin(self, now_ms: int) -> None:
        """Have every controller look now."""
        for loop in self.agenda.loops:
            self.agenda.ask(loop, now_ms)

    def wake(self, topics: tuple[Topic, ...], now_ms: int) -> None:
        """Have the controllers look soon that one of the topics concerns."""
        self.agenda.wake(topics, now_ms)

    def look(self, now_ms: int) -> bool:
        """Look at the world, and make a pass of what is due; return whether one was made.

        Of two looks within a second only one that decides is more than nothing.
        """
        due = self.agenda.due(now_ms)
        if not due and self.before is not None and now_ms - self.before.at_ms < LOOK_MS:
            return False
        sighting = sighting_of(self._cluster, self._cloud, self._prices, self.before, now_ms)
        self.board = course.seen(self.board, self.before, sighting)
        self.before = sighting
        if not due:
            return False
        self._late.show(course.unanswered(self.board))
        turns = self._deliberation.decide(due, now_ms)
        wishes = [self._note(turn, now_ms) for turn in turns]
        self.board = course.decided(self.board, wishes, sighting)
        return True

    def end(self, now_ms: int) -> Board:
        """Look a last time, close what is open, and return the scoreboard."""
        sighting = sighting_of(self._cluster, self._cloud, self._prices, self.before, now_ms)
        self.board = course.ended(course.seen(self.board, self.before, sighting))
        return self.board

    def _note(self, turn: Turn, now_ms: int) -> Wishes:
        """Tell a controller what became of its wishes, and return them."""
        for step in turn.steps(now_ms):
            turn.note(step.refused or answer(step.action, self._cluster, now_ms))
        report = self._deliberation.report(turn, now_ms)
        name = turn.loop.controller.name
        if report.verdicts:
            self._told(DecisionEntry(now_ms, name, report, turn.decision.actions, turn.outcomes))
        turn.loop.tell(turn.outcomes)
        self._deliberation.granted(turn.outcomes)
        if turn.decision.wake_at_ms is not None:
            self.agenda.ask(turn.loop, max(turn.decision.wake_at_ms, now_ms + 1))
        return wishes_of(name, turn.granted, report, now_ms)


def compared_runs(runs: Sequence[ControllerRun]) -> tuple[ControllerRun, ...]:
    """Return the controllers that a shadow runs, of those that a cluster's files ask for."""
    return tuple(it for it in runs if CONTROLLERS[it.key].controller.name in COMPARED)


def with_settings(board: Board, runs: Sequence[ControllerRun]) -> Board:
    """Return the board with the times of the controllers that decide for it."""
    for run in runs:
        if isinstance(run.policy, NodeAutoscalingPolicy):
            board = replace(
                board,
                patience_ms=1000 * run.policy.scan_interval_seconds,
                unneeded_ms=1000 * run.policy.scale_down.unneeded_seconds,
            )
    return board
