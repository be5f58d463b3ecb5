"""Watches one world with every invariant, step by step and minute by minute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kingtide.control.action import Action
from kingtide.control.outcome import Outcome
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.twin.engine import EventClass
from kingtide.twin.invariants.bounds import Bounds
from kingtide.twin.invariants.catalogue import INVARIANTS
from kingtide.twin.invariants.convergence import WhatCanRunRuns
from kingtide.twin.invariants.invariant import Invariant, Violation, Violations

if TYPE_CHECKING:
    from kingtide.twin.world import World

MINUTE_MS = 60_000


class Watched:
    """A world under its invariants; make it before the world runs, and run it through this.

    It adds events of the last class to the queue, so nothing in the world happens otherwise: the
    trace hash is the same with and without it.
    """

    def __init__(
        self,
        world: World,
        bounds: Bounds,
        invariants: Sequence[type[Invariant]] = INVARIANTS,
    ) -> None:
        self.sweeps = 0
        """How often an invariant looked at everything, or at what an instant touched."""
        self._world = world
        self._violations = Violations()
        self._all = tuple(it(world, bounds, self._violations) for it in invariants)
        self._steps_scheduled = False
        self._steppers = tuple(it for it in self._all if type(it).step is not Invariant.step)
        self._writers = tuple(it for it in self._all if type(it).wrote is not Invariant.wrote)
        world.store.on_pods(self._on_write)
        world.store.on_nodes(self._on_write)
        world.writes.listen(self._wrote)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """What was broken so far, in the order in which it was noticed."""
        return tuple(self._violations.found)

    def run_until(self, end_ms: int, *, until_healed: bool = False) -> bool:
        """Run to a time and look at everything each minute and at its end.

        `until_healed` ends it earlier, at the first minute in which nobody lacks anything. Returns
        False when the engine was stopped before.
        """
        engine = self._world.engine
        while engine.now_ms < end_ms:
            if not self._world.run_until(min(end_ms, engine.now_ms + MINUTE_MS)):
                return False
            for it in self._all:
                it.minute()
            self.sweeps += len(self._all)
            if until_healed and self.has_converged():
                break
        return True

    def has_converged(self) -> bool:
        """Return whether every workload has what it wants, as far as anybody here looks."""
        return all(it.has_converged() for it in self._all if isinstance(it, WhatCanRunRuns))

    def faults_stopped(self) -> None:
        """Note that from now on everything must heal."""
        for it in self._all:
            it.calm_since_ms = self._world.engine.now_ms

    def end(self) -> tuple[Violation, ...]:
        """Look at what only the end can tell, and return all that was broken."""
        for it in self._all:
            it.end()
        return self.violations

    def _on_write(self, old: Pod | Node | None, new: Pod | Node | None) -> None:
        del old, new
        if not self._steps_scheduled:
            self._steps_scheduled = True
            engine = self._world.engine
            engine.at(engine.now_ms, EventClass.MEASUREMENT, self._step)

    def _step(self) -> None:
        self._steps_scheduled = False
        for it in self._steppers:
            it.step()
        self.sweeps += len(self._steppers)

    def _wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        for it in self._writers:
            it.wrote(controller, action, outcome)
