"""The clock and the event queue."""

from __future__ import annotations

import pytest

from kingtide.twin.engine import Engine, EventBudgetExceeded, EventClass, Run

START_MS = 1_600_000_000_000


def test_time_begins_at_the_start_and_ends_where_it_is_asked_to() -> None:
    engine = Engine(START_MS)
    assert engine.now_ms == START_MS
    assert engine.run_until(START_MS + 500)
    assert engine.now_ms == START_MS + 500


def test_events_run_in_order_of_time_then_class_then_arrival() -> None:
    engine = Engine(START_MS)
    seen: list[str] = []
    engine.at(START_MS + 2, EventClass.WORLD, seen.append, "later")
    engine.at(START_MS + 1, EventClass.MEASUREMENT, seen.append, "measured")
    engine.at(START_MS + 1, EventClass.CONTROL, seen.append, "decided")
    engine.at(START_MS + 1, EventClass.WORLD, seen.append, "first of the world")
    engine.at(START_MS + 1, EventClass.WORLD, seen.append, "second of the world")
    engine.at(START_MS + 1, EventClass.OBSERVATION, seen.append, "observed")
    engine.run_until(START_MS + 2)
    assert seen == [
        "first of the world",
        "second of the world",
        "observed",
        "decided",
        "measured",
        "later",
    ]


def test_an_event_at_the_end_still_runs_and_one_after_it_does_not() -> None:
    engine = Engine(START_MS)
    seen: list[int] = []
    engine.after(10, EventClass.WORLD, seen.append, 10)
    engine.after(11, EventClass.WORLD, seen.append, 11)
    engine.run_until(START_MS + 10)
    assert seen == [10]
    engine.run_until(START_MS + 11)
    assert seen == [10, 11]


def test_an_event_in_the_past_runs_now() -> None:
    engine = Engine(START_MS)
    engine.run_until(START_MS + 100)
    times: list[int] = []
    engine.at(START_MS, EventClass.WORLD, lambda: times.append(engine.now_ms))
    engine.run_until(START_MS + 200)
    assert times == [START_MS + 100]


def test_work_of_the_world_goes_before_control_even_when_control_asked_for_it() -> None:
    engine = Engine(START_MS)
    seen: list[str] = []

    def control() -> None:
        seen.append("control")
        engine.after(0, EventClass.CONTROL, seen.append, "control again")
        engine.after(0, EventClass.WORLD, seen.append, "world")

    engine.after(0, EventClass.CONTROL, control)
    engine.run_until(START_MS)
    assert seen == ["control", "world", "control again"]


def test_stopping_ends_after_the_event_in_hand_and_keeps_its_time() -> None:
    engine = Engine(START_MS)
    seen: list[int] = []
    engine.after(5, EventClass.WORLD, engine.stop)
    engine.after(5, EventClass.WORLD, seen.append, 5)
    assert not engine.run_until(START_MS + 10)
    assert seen == []
    assert engine.now_ms == START_MS + 5


def test_the_trace_tells_what_happened_and_when() -> None:
    def hash_of(at_ms: int, what: str) -> str:
        engine = Engine(START_MS)
        engine.at(at_ms, EventClass.WORLD, engine.trace, what)
        engine.run_until(START_MS + 10)
        return engine.trace_hash

    first = hash_of(START_MS + 1, "node joined")
    assert first == hash_of(START_MS + 1, "node joined")
    assert first != hash_of(START_MS + 2, "node joined")
    assert first != hash_of(START_MS + 1, "node left")


def test_an_instant_that_does_not_end_is_reported() -> None:
    engine = Engine(START_MS, events_per_instant=1_000)

    def again() -> None:
        engine.after(0, EventClass.WORLD, again)

    again()
    with pytest.raises(EventBudgetExceeded, match=str(START_MS)):
        engine.run_until(START_MS + 1)
    assert engine.events_run == 1_000


def test_a_meter_calls_every_event_and_changes_nothing() -> None:
    counted: dict[str, int] = {}

    def meter(run: Run, args: tuple[object, ...]) -> None:
        counted[str(args[0])] = counted.get(str(args[0]), 0) + 1
        run(*args)

    metered, plain = Engine(0), Engine(0)
    metered.run_by(meter)
    for engine in (metered, plain):
        for at_ms in (5, 1, 3, 1):
            engine.at(at_ms, EventClass.WORLD, engine.trace, f"at {at_ms}")
        engine.run_until(10)
    assert counted == {"at 1": 2, "at 3": 1, "at 5": 1}
    assert metered.trace_hash == plain.trace_hash
    assert metered.events_run == plain.events_run == 4
