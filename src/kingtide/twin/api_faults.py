"""APIs that do not take a write: conflicts, throttling, errors; a share of calls for a time."""

from __future__ import annotations

import msgspec

from kingtide.control.action import Action
from kingtide.control.outcome import OutcomeStatus
from kingtide.twin.cloud.answer import Answer
from kingtide.twin.engine import Engine
from kingtide.twin.seed import SeedTree

# 429 of API priority and fairness, and what EC2 Auto Scaling answers to too many calls.
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html
_REFUSALS = ("429", "Throttling", "ThrottlingException", "RequestLimitExceeded")


class ApiFault(msgspec.Struct, frozen=True, kw_only=True):
    """Calls that are answered with `code` from `from_ms` until `until_ms`.

    `permille` is the share of the calls it takes. `apis` (`aws`, `core`, `apps`) and `verbs` (as
    an action's permissions name them: `patch`, `create`, `autoscaling:SetDesiredCapacity`) say
    which calls; none: all. With `takes_effect` the write is done and only its answer is lost.
    """

    from_ms: int
    until_ms: int
    code: str
    permille: int = 1000
    apis: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    takes_effect: bool = False

    def concerns(self, action: Action, now_ms: int) -> bool:
        """Return whether a call may be taken by it."""
        if not self.from_ms <= now_ms < self.until_ms:
            return False
        needed = action.REQUIRES[0]
        return (not self.apis or needed.api in self.apis) and (
            not self.verbs or needed.verb in self.verbs
        )

    def answer(self) -> Answer:
        """Return what the API says."""
        status: OutcomeStatus = "refused" if self.code in _REFUSALS else "failed"
        return Answer(status, self.code, "the API did not take the call")


class ApiFaults:
    """All faults of a world's APIs; each call that one may take is drawn by itself."""

    def __init__(self, engine: Engine, seeds: SeedTree) -> None:
        self._engine = engine
        self._seeds = seeds
        self._faults: list[ApiFault] = []
        self._calls = 0

    def add(self, fault: ApiFault) -> None:
        """Have a fault happen."""
        self._faults.append(fault)

    def of(self, action: Action) -> ApiFault | None:
        """Return the fault that a call meets, None when it gets through."""
        now_ms = self._engine.now_ms
        for place, fault in enumerate(self._faults):
            if not fault.concerns(action, now_ms):
                continue
            self._calls += 1
            if self._seeds.below(1000, "faults/api", str(place), self._calls) < fault.permille:
                return fault
        return None
