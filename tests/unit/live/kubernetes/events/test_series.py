from __future__ import annotations

from kingtide.live.kubernetes.events.series import FORGOTTEN_MS, MAX_SERIES, REPEAT_MS, Counted
from kingtide.live.kubernetes.events.told_event import Regarding, ToldEvent


def event(name: str = "n", reason: str = "Cordoned", message: str = "m") -> ToldEvent:
    return ToldEvent("c", Regarding("Node", "v1", "", name), "Normal", reason, message)


def write_all(counted: Counted, now_ms: int) -> list[tuple[str, int]]:
    """Write what is due; return each event's words and count."""
    written = counted.due(now_ms)
    for it in written:
        it.written_ms, it.count_written = now_ms, it.count
    return [(it.told.message, it.count) for it in written]


def test_a_repetition_is_counted_with_its_newest_words_and_written_a_minute_later() -> None:
    counted = Counted()
    counted.tell(event(message="3 pods"), 0)
    assert write_all(counted, 0) == [("3 pods", 1)]
    counted.tell(event(message="2 pods"), 1_000)
    counted.tell(event(message="1 pod"), 2_000)
    assert write_all(counted, REPEAT_MS - 1) == []
    assert write_all(counted, REPEAT_MS) == [("1 pod", 3)]
    assert write_all(counted, 10 * REPEAT_MS) == []


def test_other_objects_and_reasons_have_events_of_their_own() -> None:
    counted = Counted()
    for it in (event(), event("other"), event(reason="Drained")):
        counted.tell(it, 0)
    names = {it.name for it in counted.due(0)}
    assert (len(counted), len(names)) == (3, 3)


def test_an_event_that_the_server_has_deleted_begins_anew() -> None:
    counted = Counted()
    counted.tell(event(), 0)
    before = counted.due(0)[0].name
    write_all(counted, 0)
    counted.tell(event(), FORGOTTEN_MS)
    (anew,) = counted.due(FORGOTTEN_MS)
    assert (anew.count, anew.count_written, anew.name != before) == (1, 0, True)


def test_there_are_only_so_many_and_what_was_not_written_is_counted() -> None:
    counted = Counted()
    counted.tell(event("first"), 0)
    write_all(counted, 0)
    for number in range(MAX_SERIES + 4):
        counted.tell(event(f"n-{number}"), 1)
    assert (len(counted), counted.dropped) == (MAX_SERIES, 4)
