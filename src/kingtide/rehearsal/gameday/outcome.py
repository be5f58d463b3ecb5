"""What came out of a game day: one value a seed, and the whole."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.twin.invariants.invariant import Violation


class FaultTold(msgspec.Struct, frozen=True):
    """A fault as it is told: its name (`ice#2`), seconds since the start, and what it was."""

    name: str
    from_seconds: int
    until_seconds: int
    told: str


class Unavailability(msgspec.Struct, frozen=True):
    """The worst of one priority class: most pods at once, and the longest unbroken time."""

    priority_class: str
    pods: int
    seconds: float


class Shrunk(msgspec.Struct, frozen=True):
    """The fewest faults that were found to fail in the same way, after so many runs.

    `is_smallest` says that without any one of them it does not fail; otherwise the runs ran out.
    """

    faults: tuple[str, ...]
    runs: int
    is_smallest: bool


class SeedOutcome(msgspec.Struct, frozen=True):
    """One seed. `crash` is the error that ended the run, empty when it ran to its end.

    `healed_seconds` is the time from the last fault until nobody lacked anything, None when that
    did not come within the bound.
    """

    seed: int
    faults: tuple[FaultTold, ...]
    unavailability: tuple[Unavailability, ...]
    cost_micro_usd: int
    violations: tuple[Violation, ...]
    crash: str
    healed_seconds: int | None
    reached: Mapping[str, int]
    trace_hash: str
    shrunk: Shrunk | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing was broken."""
        return not (self.violations or self.crash)

    @property
    def failures(self) -> tuple[str, ...]:
        """Names of what was broken, each once; the kind of error first where it crashed."""
        crash = [f"crash: {self.crash.partition(':')[0]}"] if self.crash else []
        return tuple(dict.fromkeys([*crash, *(it.invariant for it in self.violations)]))


class Condition(msgspec.Struct, frozen=True):
    """How many seeds reached a condition, how often in all, and whether that is enough."""

    name: str
    sentence: str
    seeds: int
    times: int
    wanted: bool


class Outcome(msgspec.Struct, frozen=True):
    """A game day. `partial` when it was interrupted; `path` as the user named it."""

    name: str
    path: str
    first_seed: int
    wanted: int
    priority_classes: tuple[str, ...]
    seeds: tuple[SeedOutcome, ...]
    conditions: tuple[Condition, ...]
    reach_from: int
    partial: bool = False

    @property
    def failed(self) -> tuple[SeedOutcome, ...]:
        """Seeds in which something was broken."""
        return tuple(it for it in self.seeds if not it.passed)

    @property
    def unreached(self) -> tuple[Condition, ...]:
        """Conditions that had to be reached and never were; none for a small game day."""
        if len(self.seeds) < self.reach_from:
            return ()
        return tuple(it for it in self.conditions if it.wanted and not it.seeds)

    def replay(self, seed: SeedOutcome) -> str:
        """Return the command that shows a failure again, with as few faults as were found."""
        names = [it.name for it in seed.faults] if seed.shrunk is None else seed.shrunk.faults
        faults = ",".join(names) or "none"
        return f"kingtide gameday {self.path} --seeds 1 --from-seed {seed.seed} --faults {faults}"
