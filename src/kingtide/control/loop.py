"""One controller as a process keeps it: its policy, its memory, when it looks next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import msgspec

from kingtide.control.action import Action
from kingtide.control.budget import Budget
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller, Topic, check_declared
from kingtide.control.decision import Decision
from kingtide.control.inbox import Message
from kingtide.control.outcome import Outcome
from kingtide.control.snapshot import CloudView, ClusterView, Snapshot

P = TypeVar("P")
M = TypeVar("M")


class Sight(msgspec.Struct, frozen=True):
    """What the loops of a process see, whatever they look for."""

    cluster: ClusterView
    cloud: CloudView
    cluster_name: str
    inbox: Callable[[], tuple[Message, ...]] = tuple
    budgets: tuple[Budget, ...] = ()


class RunningController(Protocol):
    """A controller's loop as a world shows it, whatever its policy and memory are."""

    @property
    def name(self) -> str:
        """The controller's name, with a number where several loops run one controller."""

    @property
    def passes(self) -> int:
        """How many passes were made."""

    @property
    def declared(self) -> tuple[type[Action], ...]:
        """The actions that the controller declares."""


class ControlLoop(Generic[P, M]):
    """One controller with its policy and memory. `name` tells loops of one controller apart.

    `due_ms` is when its next pass is, None when only a watch can bring one; of two that are due
    together the one that asked first (`asked`) goes first.
    """

    def __init__(
        self,
        controller: Controller[P, M],
        policy: P,
        sight: Sight,
        seed: int,
        name: str = "",
    ) -> None:
        self.controller = controller
        self.name = name or controller.name
        self.passes = 0
        self.memory = controller.first_memory()
        self.due_ms: int | None = None
        self.asked = 0
        self.last_ms: int | None = None
        self._policy = policy
        self._sight = sight
        self._inbox = sight.inbox if "inbox" in controller.watches else tuple
        self._chance = Chance(seed, self.name)
        self._outcomes: tuple[Outcome, ...] = ()

    @property
    def policy(self) -> P:
        """The settings it runs with."""
        return self._policy

    @property
    def declared(self) -> tuple[type[Action], ...]:
        """The actions that the controller declares."""
        return self.controller.actions

    def watches(self, topics: tuple[Topic, ...]) -> bool:
        """Return whether one of the topics concerns this controller."""
        return any(topic in self.controller.watches for topic in topics)

    def look(self, now_ms: int) -> Decision[M]:
        """Make a pass and return what it decided; its memory is the new one from here on.

        Raises:
            UndeclaredAction: the controller asks for what it does not declare.
        """
        self.last_ms = now_ms
        self.due_ms = None
        self.passes += 1
        sight = self._sight
        snapshot = Snapshot(
            sight.cluster,
            sight.cloud,
            sight.cluster_name,
            self._outcomes,
            self._inbox(),
            sight.budgets,
        )
        decision = self.controller.decide(snapshot, self._policy, self.memory, now_ms, self._chance)
        check_declared(self.controller, decision)
        self.memory = decision.memory
        self._outcomes = ()
        return decision

    def tell(self, outcomes: tuple[Outcome, ...]) -> None:
        """Have the next pass know what became of this one's actions."""
        self._outcomes = outcomes

    def forget(self) -> None:
        """Start anew, as a process that has just begun."""
        self.memory = self.controller.first_memory()
        self.due_ms = None
        self.last_ms = None
        self._outcomes = ()
