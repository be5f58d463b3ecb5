"""What a controller is: a name, its declared actions, what it watches, and a pure `decide`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Literal, TypeVar

import msgspec

from kingtide.control.action import Action, Permission
from kingtide.control.chance import Chance
from kingtide.control.decision import Decision
from kingtide.control.report import Phrases
from kingtide.control.snapshot import Snapshot

P = TypeVar("P")
M = TypeVar("M")

Topic = Literal["unschedulable_pods", "nodes", "workloads", "configuration", "inbox", "claims"]


class Controller(msgspec.Struct, Generic[P, M], frozen=True):
    """A controller: `decide(snapshot, policy, memory, now_ms, chance) -> Decision`.

    It runs when something in `watches` changed, and at the `wake_at_ms` it asked for.
    `first_memory` is what it starts with, also after a crash, which must be safe.
    """

    name: str
    actions: tuple[type[Action], ...]
    watches: tuple[Topic, ...]
    phrases: Phrases
    first_memory: Callable[[], M]
    decide: Callable[[Snapshot, P, M, int, Chance], Decision[M]]

    def permissions(self) -> tuple[Permission, ...]:
        """Return every right its actions need, sorted, each once."""
        return tuple(sorted({p: None for a in self.actions for p in a.REQUIRES}))


class UndeclaredAction(Exception):
    """A controller asked for an action it does not declare: a defect, never a refusal."""


def check_declared(controller: Controller[P, M], decision: Decision[M]) -> None:
    """Raise UndeclaredAction when a decision holds an action its controller does not declare."""
    for action in decision.actions:
        if type(action) not in controller.actions:
            raise UndeclaredAction(f"{controller.name} does not declare {type(action).__name__}")
