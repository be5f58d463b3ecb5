from collections.abc import Callable, Mapping, Sequence

import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.control.action import Action, EvictPod, PatchScale
from kingtide.control.agenda import MIN_PAUSE_MS
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller, Topic, UndeclaredAction
from kingtide.control.decision import Decision
from kingtide.control.index import ClusterIndex
from kingtide.control.loop import ControlLoop, Sight
from kingtide.control.outcome import Outcome
from kingtide.control.report import Phrases, Report, Verdict
from kingtide.control.snapshot import Snapshot
from kingtide.twin.api_faults import ApiFaults
from kingtide.twin.control_process import ControlProcess, Surroundings
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.seed import SeedTree
from tests.twin.worlds import START_MS

SCALE = PatchScale(reason="grow", namespace="a", name="b", replicas=2, expected_replicas=1)
EVICT = EvictPod(reason="drain", namespace="a", name="b", uid="c")
Memory = tuple[int, ...]


class NoCloud:
    """A cloud without groups."""

    @property
    def groups(self) -> Mapping[str, AutoScalingGroup]:
        return {}

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        return ()


class Bench:
    """A loop around a controller that remembers when it ran and what it was told."""

    def __init__(
        self,
        actions: Sequence[tuple[Action, ...]] = (),
        wake_after_ms: Callable[[int], int | None] = lambda _: None,
    ) -> None:
        self.engine = Engine(START_MS)
        self.journal = Journal(self.engine, START_MS)
        self.performed: list[Action] = []
        self.outcomes: list[tuple[Outcome, ...]] = []
        self._actions = actions
        self._wake_after_ms = wake_after_ms
        watches: tuple[Topic, ...] = ("nodes",)
        controller: Controller[None, Memory] = Controller(
            "test", (PatchScale,), watches, Phrases({}), tuple, self._decide
        )
        index = ClusterIndex()
        self.loop = ControlLoop(controller, None, Sight(index, NoCloud(), "c1"), 1)
        faults = ApiFaults(self.engine, SeedTree(1))
        around = Surroundings(
            self.engine, self.journal, index, (), faults, lambda: None, lambda _: None
        )
        self.process = ControlProcess(around, [self.loop], {"test": self._perform})

    def _decide(
        self, snapshot: Snapshot, policy: None, memory: Memory, now_ms: int, chance: Chance
    ) -> Decision[Memory]:
        number = len(memory)
        self.outcomes.append(snapshot.outcomes)
        wake_after_ms = self._wake_after_ms(number)
        return Decision(
            (*memory, now_ms - START_MS),
            self._actions[number] if number < len(self._actions) else (),
            Report({}, (Verdict("group/a", "noticed", "Seen", {"pass": number}),)),
            None if wake_after_ms is None else now_ms + wake_after_ms,
        )

    def _perform(self, action: Action) -> Outcome:
        self.performed.append(action)
        return Outcome(action, "done", self.engine.now_ms)

    def wake_at(self, after_ms: int, *topics: Topic) -> None:
        self.engine.at(START_MS + after_ms, EventClass.OBSERVATION, self.process.wake, topics)

    def passes(self, until_ms: int = 3_600_000) -> list[int]:
        self.process.start()
        self.engine.run_until(START_MS + until_ms)
        assert self.loop.passes == len(self.loop.memory)
        return list(self.loop.memory)


def test_the_first_pass_is_made_at_once() -> None:
    assert Bench().passes() == [0]


def test_a_pass_is_made_when_the_controller_asked_for_it() -> None:
    assert Bench(wake_after_ms=lambda n: 10_000 if n < 3 else None).passes() == [
        0, 10_000, 20_000, 30_000,
    ]  # fmt: skip


def test_a_pass_is_made_soon_after_something_watched_changed() -> None:
    bench = Bench()
    bench.wake_at(5_000, "nodes")
    bench.wake_at(7_000, "workloads", "nodes")
    assert bench.passes() == [0, 5_000, 7_000]


def test_what_is_not_watched_wakes_nobody() -> None:
    bench = Bench()
    bench.wake_at(5_000, "workloads", "configuration")
    assert bench.passes() == [0]


def test_a_burst_of_changes_is_one_pass_a_pause() -> None:
    bench = Bench()
    for number in range(40):
        bench.wake_at(5_000 + 50 * number, "nodes")
    assert bench.passes() == [0, 5_000, 5_000 + MIN_PAUSE_MS, 5_000 + 2 * MIN_PAUSE_MS]


def test_a_pass_that_came_early_takes_the_place_of_the_later_one() -> None:
    bench = Bench(wake_after_ms=lambda n: 10_000 if n < 2 else None)
    bench.wake_at(4_000, "nodes")
    assert bench.passes() == [0, 4_000, 14_000]


def test_a_controller_that_wants_to_look_again_at_once_lets_time_pass() -> None:
    assert Bench(wake_after_ms=lambda n: 0 if n < 3 else None).passes() == [0, 1, 2, 3]


def test_actions_are_performed_and_their_outcomes_told_to_the_next_pass_only() -> None:
    bench = Bench([(SCALE, SCALE)], wake_after_ms=lambda n: 1_000 if n < 2 else None)
    bench.passes()
    assert bench.performed == [SCALE, SCALE]
    assert [len(outcomes) for outcomes in bench.outcomes] == [0, 2, 0]
    assert bench.outcomes[1][0].action == SCALE
    decision = bench.journal.decisions[0]
    assert (decision.controller, decision.actions) == ("test", (SCALE, SCALE))
    assert [outcome.status for outcome in decision.outcomes] == ["done", "done"]


def test_an_undeclared_action_ends_the_run_before_anything_is_done() -> None:
    bench = Bench([(SCALE, EVICT)])
    with pytest.raises(UndeclaredAction):
        bench.passes()
    assert bench.performed == []


def test_what_a_controller_does_is_part_of_the_trace() -> None:
    acting, resting = Bench([(SCALE,)]), Bench()
    acting.passes()
    resting.passes()
    assert acting.engine.trace_hash != resting.engine.trace_hash
