"""What was said is said again only when it changed."""

from __future__ import annotations

from kingtide.control.report import Verdict
from kingtide.control.said import changed

WAITS = Verdict("node/a", "waits", "Starting")
KEPT = Verdict("node/a", "noticed", "Kept")
CLEARED = Verdict("node/a", "cleared", "Ready")


def test_the_same_verdict_is_said_once() -> None:
    said, first = changed({}, [WAITS])
    assert first == [WAITS]
    assert changed(said, [WAITS]) == (said, [])


def test_another_code_is_said() -> None:
    said, _ = changed({}, [WAITS])
    assert changed(said, [KEPT]) == ({"node/a": "Kept"}, [KEPT])


def test_a_standing_that_ends_is_said_only_where_there_was_one() -> None:
    assert changed({}, [], [CLEARED]) == ({}, [])
    assert changed({"node/a": "Starting"}, [], [CLEARED]) == ({}, [CLEARED])


def test_a_forgotten_subject_is_new_again() -> None:
    said = {"node/a": "Starting"}
    assert changed(said, [WAITS], forgotten=["node/a"]) == (said, [WAITS])
    assert changed(said, [], forgotten=["node/a", "node/b"]) == ({}, [])
