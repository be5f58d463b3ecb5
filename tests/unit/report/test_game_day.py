from __future__ import annotations

from rich.console import Console

from kingtide.rehearsal.gameday.outcome import (
    Condition,
    FaultTold,
    Outcome,
    SeedOutcome,
    Shrunk,
    Unavailability,
)
from kingtide.report.game_day import game_day
from kingtide.twin.invariants.invariant import Violation

ICE = FaultTold("ice#2", 60, 120, "no capacity in all spot")
LOSS = FaultTold("zone-loss#1", 0, 120, "eu-west-3a is lost")
BROKEN = Violation("groups-keep-their-bounds", 0, "group/spot", "desired 9, not 0 to 5")


def seed(number: int, *violations: Violation, crash: str = "", **changes: object) -> SeedOutcome:
    fields: dict[str, object] = {
        "seed": number,
        "faults": (ICE, LOSS),
        "unavailability": (Unavailability("high", 7, 61.2),),
        "cost_micro_usd": 6_500_000,
        "violations": violations,
        "crash": crash,
        "healed_seconds": 120,
        "reached": {"preemption": 3},
        "trace_hash": "",
        **changes,
    }
    return SeedOutcome(**fields)  # type: ignore[arg-type]  # fields by name, as tests give them


def outcome(*seeds: SeedOutcome, reach_from: int = 100) -> Outcome:
    conditions = (
        Condition("preemption", "A pod was preempted.", len(seeds), 3 * len(seeds), wanted=True),
        Condition("back-off", "A group was left alone.", 0, 0, wanted=True),
    )
    return Outcome("friday", "days/friday", 1, len(seeds), ("high",), seeds, conditions, reach_from)


def text(it: Outcome, *, all_seeds: bool = False) -> str:
    console = Console(width=120, color_system=None)
    with console.capture() as capture:
        console.print(game_day(it, all_seeds=all_seeds))
    return capture.get()


def test_a_seed_tells_faults_harm_cost_and_verdict() -> None:
    shown = text(outcome(seed(17)))
    assert "17  ice zone-loss" in shown
    assert "7   61s" in shown
    assert "6.50  ok" in shown
    assert shown.rstrip().endswith("1 seed, nothing broken")


def test_a_failure_tells_what_broke_and_the_command_with_the_fewest_faults() -> None:
    failed = seed(17, BROKEN, shrunk=Shrunk(("ice#2",), 5, is_smallest=True))
    shown = text(outcome(seed(16), failed))
    assert "seed 17: groups-keep-their-bounds: group/spot: desired 9, not 0 to 5" in shown
    assert "1 fault of 2 suffice" in shown
    assert "kingtide gameday days/friday --seeds 1 --from-seed 17 --faults ice#2" in shown
    assert shown.rstrip().endswith("1 of 2 seeds failed")


def test_a_failure_without_faults_is_replayed_without() -> None:
    it = outcome(seed(3, BROKEN, shrunk=Shrunk((), 1, is_smallest=True)))
    assert it.replay(it.failed[0]).endswith("--from-seed 3 --faults none")


def test_a_crash_is_a_failure_by_the_name_of_its_error() -> None:
    shown = text(outcome(seed(4, crash="UndeclaredAction: nobody declares it")))
    assert "✗ crash: UndeclaredAction" in shown
    assert "--from-seed 4 --faults ice#2,zone-loss#1" in shown


def test_of_many_seeds_those_that_failed_or_were_hit_are_shown() -> None:
    seeds = [seed(number) for number in range(1, 60)] + [seed(60, BROKEN)]
    shown = text(outcome(*seeds))
    assert "40 more seeds passed and were hit less" in shown
    assert "60  ice zone-loss" in shown
    assert "more seeds" not in text(outcome(*seeds), all_seeds=True)


def test_a_condition_not_reached_is_marked_only_where_there_were_enough_seeds() -> None:
    assert "a finding from 100 seeds on" in text(outcome(seed(1)))
    enough = outcome(seed(1), seed(2), reach_from=2)
    assert "✗ not reached" in text(enough)
    assert [it.name for it in enough.unreached] == ["back-off"]
