from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from kingtide.control.action import Action, SetDesiredCapacity
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller, Topic
from kingtide.control.decision import Decision
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.deliberation import Deliberation
from kingtide.control.inbox import Message
from kingtide.control.index import ClusterIndex
from kingtide.control.loop import ControlLoop, Sight
from kingtide.control.outcome import Outcome
from kingtide.control.report import Phrases, Report, Verdict
from kingtide.control.snapshot import Snapshot
from kingtide.operate.running.process import DRY_RUN, NOT_LEADER, Observers, Process
from tests.no_cloud import NoCloud
from tests.twin.worlds import fixed_node

Memory = tuple[tuple[Outcome, ...], ...]
"""The outcomes that each pass was told."""

REQUEST = SetDesiredCapacity(reason="more", group="g", desired=2, expected_desired=1)


class Bench:
    """One controller that asks for a node in each pass, in a world of prepared answers.

    Each pass moves the clock by a second; the process is stopped after `passes` of them.
    """

    def __init__(self, passes: int = 1) -> None:
        self.cluster = ClusterIndex()
        self.cluster.apply(None, fixed_node("n1"))
        self.cloud = NoCloud()
        self.inbox: tuple[Message, ...] = ()
        self.topics: list[tuple[Topic, ...]] = []
        self.staleness: Mapping[str, float] = {"pods": 0.0}
        self.name: str | None = "prod.k8s.foo.bar"
        self.is_leader = True
        self.afresh = 0
        self.performed: list[Action] = []
        self.told: list[Memory] = []
        self.entries: list[DecisionEntry] = []
        self.refusals: list[str] = []
        self.now_ms = 1_000
        self.on_perform: Callable[[], object] = bool
        self.between: Callable[[], object] = bool
        self._left = passes
        self._stop = asyncio.Event()

    # what the process sees of the world

    def take_in(self) -> tuple[Topic, ...]:
        return self.topics.pop(0) if self.topics else ()

    def waited_seconds(self) -> float:
        return 0.0

    def see_afresh(self, led_since: float) -> None:
        self.afresh += 1

    def staleness_seconds(self) -> Mapping[str, float]:
        return self.staleness

    def identity(self) -> str | None:
        return self.name

    async def changed(self) -> None:
        await asyncio.sleep(0)
        self.now_ms += 1_000
        self.between()
        self._left -= 1
        if self._left <= 0:
            self._stop.set()

    async def perform(self, controller: str, action: Action) -> Outcome:
        self.performed.append(action)
        self.on_perform()
        return Outcome(action, "done", self.now_ms)

    # the process

    def run(self, *, is_dry: bool = False, actions: Sequence[Action] = (REQUEST,)) -> Bench:
        def decide(
            snapshot: Snapshot, policy: None, memory: Memory, now_ms: int, chance: Chance
        ) -> Decision[Memory]:
            known = (*memory, snapshot.outcomes)
            self.told.append(known)
            return Decision(known, tuple(actions), Report(), wake_at_ms=now_ms + 1_000)

        controller: Controller[None, Memory] = Controller(
            "node_autoscaling", (SetDesiredCapacity,), ("nodes",), Phrases({}), tuple, decide
        )
        loop = ControlLoop(controller, None, Sight(self.cluster, self.cloud, "prod"), 1)
        process = Process(
            self,
            [loop],
            Deliberation(self.cluster, ()),
            Lease(self),
            Observers(self.entries.append, lambda *_: None, self.refusals.append),
            lambda: self.now_ms,
            expected="prod.k8s.foo.bar",
            is_dry=is_dry,
        )
        asyncio.run(asyncio.wait_for(process.run(self._stop), 20))
        return self

    def verdicts(self) -> list[Verdict]:
        return [it for entry in self.entries for it in entry.report.verdicts]


class Lease:
    """Leadership as the bench says."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._terms = 0
        self._led = False
        self.identity = "us"
        self.led_since = 0.0
        self.failures = 0
        self.last_failure = ""

    @property
    def is_leader(self) -> bool:
        if self._bench.is_leader and not self._led:
            self._terms += 1
        self._led = self._bench.is_leader
        return self._led

    @property
    def terms(self) -> int:
        return self._terms


def test_a_pass_is_made_at_once_and_what_it_decides_is_done_and_journaled() -> None:
    bench = Bench().run()
    assert bench.performed == [REQUEST]
    (entry,) = bench.entries
    assert (entry.controller, entry.actions) == ("node_autoscaling", (REQUEST,))
    assert entry.outcomes[0].status == "done"


def test_the_next_pass_knows_what_became_of_the_last_one() -> None:
    bench = Bench(passes=2).run()
    assert [it.status for it in bench.told[1][1]] == ["done"]


def test_a_dry_run_decides_and_does_nothing() -> None:
    bench = Bench().run(is_dry=True)
    assert bench.performed == []
    assert bench.entries[0].outcomes[0].code == DRY_RUN


def test_who_does_not_lead_makes_no_pass() -> None:
    bench = Bench()
    bench.is_leader = False
    assert bench.run().told == []


def test_a_lease_lost_within_a_pass_stops_what_is_left_of_it() -> None:
    bench = Bench(passes=2)

    def lose() -> None:
        bench.is_leader = False

    bench.on_perform = lose
    bench.run(actions=(REQUEST, REQUEST))
    assert len(bench.performed) == 1
    assert [it.code for it in bench.entries[0].outcomes] == ["", NOT_LEADER]


def test_who_leads_again_begins_anew() -> None:
    bench = Bench(passes=4)

    def lose_once() -> None:
        bench.is_leader = bool(bench.performed[1:])

    bench.on_perform = lose_once
    bench.between = lambda: setattr(bench, "is_leader", True) if len(bench.told) == 1 else None
    bench.run(actions=(REQUEST, REQUEST))
    assert [len(it) for it in bench.told[:2]] == [1, 1]
    assert bench.told[1] == ((),)


def test_an_old_view_is_not_decided_on_and_that_is_told_once() -> None:
    bench = Bench(passes=3)
    bench.staleness = {"pods": 1_000.0, "nodes": 0.0}
    bench.run()
    assert bench.told == []
    assert [it.code for it in bench.verdicts()] == ["StaleView"]
    assert set(bench.refusals) == {"StaleView"}


def test_a_view_that_is_old_for_one_reason_after_the_other_is_told_once() -> None:
    bench = Bench(passes=4)
    ages = iter([{"nodes": 0.0, "pods": 200.0}, {"nodes": 300.0, "pods": 201.0}, {"nodes": 0.0}])
    bench.staleness = {"nodes": 190.0, "pods": 0.0}
    bench.between = lambda: setattr(bench, "staleness", next(ages, {"nodes": 0.0}))
    bench.run()
    assert [it.code for it in bench.verdicts()] == ["StaleView", "StaleViewEnded"]
    assert bench.refusals == ["StaleView"] * 3


def test_another_cluster_than_the_one_meant_is_left_alone() -> None:
    bench = Bench()
    bench.name = "staging.k8s.foo.bar"
    bench.run()
    assert bench.told == []
    assert bench.verdicts()[0].details["found"] == "staging.k8s.foo.bar"


def test_what_held_it_back_is_told_when_it_ends() -> None:
    bench = Bench(passes=3)
    bench.staleness = {"pods": float("inf")}
    bench.between = lambda: setattr(bench, "staleness", {"pods": 0.0})
    bench.run()
    assert [it.code for it in bench.verdicts()] == ["PartialView", "PartialViewEnded"]
    assert bench.performed
