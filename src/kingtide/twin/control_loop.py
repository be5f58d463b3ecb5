"""Runs a controller in the twin as a process would live: snapshot, decide, perform, remember."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from kingtide.control.action import Action
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller, Topic, check_declared
from kingtide.control.inbox import Message
from kingtide.control.outcome import Outcome
from kingtide.control.snapshot import CloudView, ClusterView, Snapshot
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal

P = TypeVar("P")
M = TypeVar("M")

MIN_PAUSE_MS = 1_000
"""Passes that a watch asks for keep this distance, so that a burst of a hundred pods is one pass,
not a hundred; Cluster Autoscaler's frequent loops wait for the previous loop in the same way."""


class RunningController(Protocol):
    """A controller's loop as a world keeps it, whatever its policy and memory are."""

    @property
    def name(self) -> str:
        """The controller's name, with a number where several loops run one controller."""

    @property
    def passes(self) -> int:
        """How many passes were made."""

    @property
    def declared(self) -> tuple[type[Action], ...]:
        """The actions that the controller declares."""

    def start(self) -> None:
        """Have the first pass run now."""

    def wake(self, topics: tuple[Topic, ...]) -> None:
        """Run a pass soon if one of the topics is watched."""


class ControlLoop(Generic[P, M]):
    """One controller with its policy and memory. `name` tells loops of one controller apart."""

    def __init__(
        self,
        engine: Engine,
        controller: Controller[P, M],
        policy: P,
        cluster: ClusterView,
        cloud: CloudView,
        cluster_name: str,
        perform: Callable[[Action], Outcome],
        journal: Journal,
        seed: int,
        name: str = "",
        inbox: Callable[[], tuple[Message, ...]] = tuple,
    ) -> None:
        self.controller = controller
        self.name = name or controller.name
        self.passes = 0
        self.memory = controller.first_memory()
        self._engine = engine
        self._policy = policy
        self._cluster = cluster
        self._cloud = cloud
        self._cluster_name = cluster_name
        self._perform = perform
        self._journal = journal
        self._inbox = inbox if "inbox" in controller.watches else tuple
        self._chance = Chance(seed, self.name)
        self._outcomes: tuple[Outcome, ...] = ()
        self._due_ms: int | None = None
        self._last_ms = -MIN_PAUSE_MS

    @property
    def declared(self) -> tuple[type[Action], ...]:
        """The actions that the controller declares."""
        return self.controller.actions

    def start(self) -> None:
        """Have the first pass run now."""
        self._ask_for(self._engine.now_ms)

    def wake(self, topics: tuple[Topic, ...]) -> None:
        """Run a pass soon if one of the topics is watched."""
        if any(topic in self.controller.watches for topic in topics):
            self._ask_for(max(self._engine.now_ms, self._last_ms + MIN_PAUSE_MS))

    def _ask_for(self, time_ms: int) -> None:
        if self._due_ms is None or time_ms < self._due_ms:
            self._due_ms = time_ms
            self._engine.at(time_ms, EventClass.CONTROL, self._run, time_ms)

    def _run(self, due_ms: int) -> None:
        if due_ms != self._due_ms:
            return  # an earlier pass took this one's place
        now_ms = self._last_ms = self._engine.now_ms
        self._due_ms = None
        self.passes += 1
        snapshot = Snapshot(
            self._cluster, self._cloud, self._cluster_name, self._outcomes, self._inbox()
        )
        decision = self.controller.decide(snapshot, self._policy, self.memory, now_ms, self._chance)
        check_declared(self.controller, decision)
        self.memory = decision.memory
        for action in decision.actions:
            self._engine.trace(f"{self.controller.name} {type(action).__name__} {action.reason}")
        self._outcomes = tuple(self._perform(action) for action in decision.actions)
        self._journal.decision(
            self.controller.name, decision.report, decision.actions, self._outcomes
        )
        if decision.wake_at_ms is not None:
            self._ask_for(max(decision.wake_at_ms, now_ms + 1))
