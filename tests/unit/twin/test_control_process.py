"""Several controllers in one process: together in a pass, dying, freezing, and refused by APIs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest

from kingtide.control.action import Action, PatchScale
from kingtide.control.arbitration import SENTENCES
from kingtide.control.budget import Budget
from kingtide.control.chance import Chance
from kingtide.control.claims import DisruptionClaim
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.index import ClusterIndex
from kingtide.control.loop import ControlLoop, Sight
from kingtide.control.node_actions import ClaimDisruption, Cordon, ReleaseDisruption
from kingtide.control.outcome import Outcome
from kingtide.control.refusals_told import GIVEN_UP_MS
from kingtide.control.report import Phrases
from kingtide.control.snapshot import Snapshot
from kingtide.kube.pods import Condition
from kingtide.twin.api_faults import ApiFault, ApiFaults
from kingtide.twin.control_process import LEASE_MS, ControlProcess, Surroundings
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.seams import Perform
from kingtide.twin.seed import SeedTree
from tests.twin.worlds import MINUTE_MS, SECOND_MS, START_MS, fixed_node
from tests.unit.twin.test_control_passes import NoCloud

Memory = tuple[int, ...]
Script = Callable[[int, Snapshot], Sequence[Action]]
"""What a controller asks for in its pass of this number since it last began."""


def scale(name: str, replicas: int = 2) -> PatchScale:
    return PatchScale(reason="r", namespace="a", name=name, replicas=replicas, expected_replicas=1)


def claim(node: str, by: str) -> ClaimDisruption:
    return ClaimDisruption(
        reason="r",
        node=node,
        node_uid=f"node/{node}",
        claim=DisruptionClaim(by, "Underutilized", START_MS),
    )


def release(node: str, by: str) -> ReleaseDisruption:
    return ReleaseDisruption(reason="r", node=node, node_uid=f"node/{node}", by=by)


class Bench:
    """Scripted controllers in one process over a view that shows nothing of their writes."""

    def __init__(self, *scripts: tuple[str, Script], budgets: tuple[Budget, ...] = ()) -> None:
        self.engine = Engine(START_MS)
        self.journal = Journal(self.engine, START_MS)
        self.index = ClusterIndex()
        for name in ("n1", "n2", "n3"):
            self.index.apply(None, fixed_node(name))
        self.performed: list[tuple[int, str, Action]] = []
        self.told: dict[str, list[tuple[str, ...]]] = {name: [] for name, _ in scripts}
        self.refuses: Action | None = None
        self.relists: list[int] = []
        self.reads: list[tuple[int, bool]] = []
        self.restarted: list[str] = []
        self.faults = ApiFaults(self.engine, SeedTree(1))
        sight = Sight(self.index, NoCloud(), "c1", budgets=budgets)
        self.performs: dict[str, Perform] = {}
        loops = [self._loop(name, script, sight) for name, script in scripts]
        around = Surroundings(
            self.engine,
            self.journal,
            self.index,
            budgets,
            self.faults,
            lambda: self.relists.append(self._after_ms),
            self.restarted.append,
            stop_reading=lambda: self.reads.append((self._after_ms, False)),
            start_reading=lambda: self.reads.append((self._after_ms, True)),
        )
        self.process = ControlProcess(around, loops, self.performs)

    @property
    def _after_ms(self) -> int:
        return self.engine.now_ms - START_MS

    def _loop(self, name: str, script: Script, sight: Sight) -> ControlLoop[None, Memory]:
        def decide(
            snapshot: Snapshot, policy: None, memory: Memory, now_ms: int, chance: Chance
        ) -> Decision[Memory]:
            self.told[name].append(tuple(it.code or it.status for it in snapshot.outcomes))
            actions = tuple(script(len(memory), snapshot))
            return Decision((*memory, now_ms), actions, wake_at_ms=now_ms + 10_000)

        def perform(action: Action) -> Outcome:
            if action is self.refuses:
                return Outcome(action, "precondition_failed", self.engine.now_ms, "Claimed")
            self.performed.append((self._after_ms, name, action))
            return Outcome(action, "done", self.engine.now_ms)

        kinds = (PatchScale, ClaimDisruption, ReleaseDisruption, Cordon)
        controller: Controller[None, Memory] = Controller(
            name, kinds, ("nodes",), Phrases({}), tuple, decide
        )
        self.performs[name] = perform
        return ControlLoop(controller, None, sight, 1)

    def degrade(self, name: str) -> None:
        """Have a node be not Ready, which counts against every budget."""
        old = self.index.nodes[name]
        gone = Condition("False", self.engine.now_ms)
        self.index.apply(old, msgspec.structs.replace(old, ready=gone))

    def at(self, after_ms: int, run: Callable[..., None], *args: object) -> None:
        self.engine.at(START_MS + after_ms, EventClass.WORLD, run, *args)

    def run(self, until_ms: int = 35_000) -> list[tuple[int, str, Action]]:
        self.process.start()
        self.engine.run_until(START_MS + until_ms)
        return self.performed


def only(*actions: Action, in_pass: int = 0) -> Script:
    return lambda number, _: actions if number == in_pass else ()


def always(*actions: Action) -> Script:
    return lambda number, _: actions


def test_those_due_together_act_in_the_order_of_their_ranks() -> None:
    bench = Bench(("downscaling", only(scale("low"))), ("prescaling", only(scale("high"))))
    assert [name for _, name, _ in bench.run()] == ["prescaling", "downscaling"]


def test_the_loser_of_an_arbitration_is_told_so_and_its_report_says_it_once() -> None:
    bench = Bench(
        ("overprovisioning", always(scale("api", 9))), ("prescaling", always(scale("api", 3)))
    )
    bench.run(15_000)
    assert bench.told["overprovisioning"] == [(), ("ArbitrationLost",)]
    assert bench.told["prescaling"] == [(), ("done",)]
    assert {action for _, _, action in bench.performed} == {scale("api", 3)}
    verdicts = [
        (mark.at_ms - START_MS, verdict.subject, verdict.code, Phrases(SENTENCES).tell(verdict))
        for mark in bench.journal.decisions
        for verdict in mark.report.verdicts
    ]
    assert verdicts == [(0, "Deployment/a/api", "ArbitrationLost", "a/api is left to prescaling")]


def _told(bench: Bench) -> list[tuple[int, str, str]]:
    return [
        (mark.at_ms - START_MS, verdict.code, Phrases(SENTENCES).tell(verdict))
        for mark in bench.journal.decisions
        for verdict in mark.report.verdicts
    ]


def test_a_refusal_that_no_longer_stands_is_cleared_once() -> None:
    bench = Bench(
        ("overprovisioning", always(scale("api", 9))), ("prescaling", only(scale("api", 3)))
    )
    bench.run(35_000)
    assert _told(bench) == [
        (0, "ArbitrationLost", "a/api is left to prescaling"),
        (10_000, "RefusalEnded", "nothing asked of a/api is refused any more"),
    ]


def test_a_refusal_is_told_again_when_another_one_wins_or_it_comes_back() -> None:
    bench = Bench(
        ("overprovisioning", always(scale("api", 9))),
        ("prescaling", lambda number, _: (scale("api", 3),) if number in (0, 3) else ()),
        ("downscaling", only(scale("api", 1), in_pass=1)),
    )
    bench.run(35_000)
    assert [(at, text) for at, _, text in _told(bench)] == [
        (0, "a/api is left to prescaling"),
        (10_000, "a/api is left to downscaling"),
        (20_000, "nothing asked of a/api is refused any more"),
        (30_000, "a/api is left to prescaling"),
    ]


def test_a_budget_that_counts_otherwise_is_no_news() -> None:
    def script(number: int, snapshot: Snapshot) -> Sequence[Action]:
        del snapshot
        return [claim(f"n{place}", "ondemand_reclaim") for place in (1, 2, 3)[number:]]

    bench = Bench(("ondemand_reclaim", script), budgets=(Budget(0),))
    bench.at(5_000, bench.degrade, "n1")
    bench.run(65_000)
    assert [(at, code) for at, code, _ in _told(bench)] == [
        *[(0, "DisruptionBudget")] * 3,
        (GIVEN_UP_MS, "RefusalEnded"),  # n1, which is not asked for again
    ]


def test_a_refusal_stands_while_it_is_asked_for_again_after_a_pause() -> None:
    cordon = Cordon(reason="r", node="n1", node_uid="node/n1")

    def script(number: int, snapshot: Snapshot) -> Sequence[Action]:
        del snapshot
        claims = [claim("n1", "ondemand_reclaim"), cordon]
        return claims if number % 3 == 0 else [cordon]

    bench = Bench(("ondemand_reclaim", script), budgets=(Budget(0),))
    bench.run(95_000)
    assert [(at, code) for at, code, _ in _told(bench)] == [(0, "DisruptionBudget")]


def test_claims_that_are_not_seen_yet_are_not_spent_twice() -> None:
    budget = (Budget(1),)
    script: Script = lambda number, _: (claim(f"n{number + 1}", "ondemand_reclaim"),)  # noqa: E731 (one use, one line)
    bench = Bench(("ondemand_reclaim", script), budgets=budget)
    bench.run(25_000)
    assert [action for _, _, action in bench.performed] == [claim("n1", "ondemand_reclaim")]
    assert bench.told["ondemand_reclaim"] == [(), ("done",), ("DisruptionBudget",)]


def test_a_claim_that_is_given_back_can_be_spent_again() -> None:
    steps: list[Action] = [
        claim("n1", "ondemand_reclaim"),
        release("n1", "ondemand_reclaim"),
        claim("n2", "ondemand_reclaim"),
    ]
    bench = Bench(
        ("ondemand_reclaim", lambda number, _: steps[number : number + 1]), budgets=(Budget(1),)
    )
    bench.run(25_000)
    assert [action for _, _, action in bench.performed] == steps


def test_a_killed_process_forgets_everything_and_starts_with_a_fresh_list() -> None:
    bench = Bench(("prescaling", only(scale("api"))))
    bench.at(5_000, bench.process.kill, 20_000)
    bench.run(26_000)
    assert [at for at, _, _ in bench.performed] == [0, 25_000]
    assert bench.relists == [25_000]
    assert bench.restarted == ["prescaling"]
    assert bench.reads == [(5_000, False), (25_000, True)]
    assert bench.told["prescaling"] == [(), ()]
    assert [write.leader for write in bench.process.audit.writes] == ["leader-1", "leader-2"]


@pytest.mark.parametrize("actions", [0, 1, 2])
def test_a_process_can_be_killed_between_two_of_its_actions(actions: int) -> None:
    three = (scale("a"), scale("b"), scale("c"))
    bench = Bench(("prescaling", only(*three)), ("overprovisioning", only(scale("d"))))
    bench.at(0, bench.process.kill, 7_000, actions)
    bench.run(6_000)
    assert [action for _, _, action in bench.performed] == list(three[:actions])
    bench.engine.run_until(START_MS + 8_000)
    again = [action for at, _, action in bench.performed if at == 7_000]
    assert again == [*three, scale("d")]


def test_a_short_freeze_delays_what_was_decided_and_loses_nothing() -> None:
    bench = Bench(("prescaling", only(scale("a"), scale("b"), in_pass=1)))
    bench.at(5_000, bench.process.freeze, LEASE_MS - 1_000)
    bench.run(25_000)
    assert [at for at, _, _ in bench.performed] == [24_000, 24_000]
    assert bench.told["prescaling"] == [(), (), ("done", "done")]
    assert bench.restarted == []
    assert bench.reads == []
    assert not any(write.is_late for write in bench.process.audit.writes)


def test_of_an_old_leader_only_what_was_on_its_way_still_arrives() -> None:
    bench = Bench(("prescaling", only(scale("a"), scale("b"), scale("c"))))
    bench.at(0, bench.process.freeze, 40_000, 1)
    bench.run(50_000)
    writes = [(w.at_ms - START_MS, w.leader, w.is_late) for w in bench.process.audit.writes]
    assert writes == [
        *[(LEASE_MS, "leader-2", False)] * 3,
        (40_000, "leader-1", True),
    ]
    assert bench.performed[-1] == (40_000, "prescaling", scale("a"))
    assert bench.relists == [LEASE_MS]
    assert bench.reads == [(0, False), (LEASE_MS, True)]


@pytest.mark.parametrize(
    ("code", "status"), [("409", "failed"), ("429", "refused"), ("503", "failed")]
)
def test_an_api_that_takes_no_writes_says_so_until_it_does(code: str, status: str) -> None:
    bench = Bench(("prescaling", always(scale("api"))))
    bench.faults.add(ApiFault(from_ms=START_MS, until_ms=START_MS + 15_000, code=code))
    bench.run(25_000)
    assert [at for at, _, _ in bench.performed] == [20_000]
    assert bench.told["prescaling"] == [(), (code,), (code,)]
    assert [w.outcome.status for w in bench.process.audit.writes] == [status, status, "done"]


def test_what_follows_on_a_node_whose_claim_was_not_written_is_left_alone() -> None:
    cordon = Cordon(reason="r", node="n1", node_uid="node/n1")
    other = Cordon(reason="r", node="n2", node_uid="node/n2")
    first = claim("n1", "ondemand_reclaim")
    bench = Bench(("ondemand_reclaim", only(first, cordon, other)))
    bench.refuses = first
    bench.run(15_000)
    assert [action for _, _, action in bench.performed] == [other]
    assert bench.told["ondemand_reclaim"] == [(), ("Claimed", "Unclaimed", "done")]


def test_what_a_freeze_delays_still_follows_only_what_was_written() -> None:
    cordon = Cordon(reason="r", node="n1", node_uid="node/n1")
    first = claim("n1", "ondemand_reclaim")
    bench = Bench(("ondemand_reclaim", only(first, cordon)))
    bench.refuses = first
    bench.at(0, bench.process.freeze, LEASE_MS - 1_000)
    bench.run(25_000)
    assert bench.performed == []
    assert bench.told["ondemand_reclaim"] == [(), ("Claimed", "Unclaimed"), ()]


def test_a_write_can_be_done_though_its_answer_is_lost() -> None:
    bench = Bench(("prescaling", only(scale("api"))))
    bench.faults.add(
        ApiFault(from_ms=START_MS, until_ms=START_MS + 1, code="504", takes_effect=True)
    )
    bench.run(15_000)
    assert len(bench.performed) == 1
    assert bench.told["prescaling"] == [(), ("504",)]


def test_an_api_fault_takes_its_share_of_the_calls_it_concerns() -> None:
    bench = Bench(("prescaling", always(*(scale(f"d{number}") for number in range(500)))))
    end_ms = START_MS + MINUTE_MS
    bench.faults.add(
        ApiFault(from_ms=START_MS, until_ms=end_ms, code="500", permille=300, apis=("apps",))
    )
    bench.faults.add(ApiFault(from_ms=START_MS, until_ms=end_ms, code="500", apis=("aws",)))
    bench.faults.add(ApiFault(from_ms=START_MS, until_ms=end_ms, code="500", verbs=("delete",)))
    bench.run(5 * SECOND_MS)
    assert 300 <= len(bench.performed) <= 400
