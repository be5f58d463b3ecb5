from __future__ import annotations

from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.refusals_told import GIVEN_UP_MS
from kingtide.control.report import Verdict
from kingtide.operate.running.standing import HeldActions, Standing

STALE = Verdict("cluster/view", "refused", "StaleView")
PARTIAL = Verdict("cluster/view", "refused", "PartialView")
MANY = Verdict("cluster/nodes", "refused", "TooManyNodes", {"allowed": 1, "nodes": 9})


def codes(entries: list[DecisionEntry]) -> list[list[str]]:
    return [[it.code for it in entry.report.verdicts] for entry in entries]


def test_what_stands_is_told_when_it_begins_changes_and_ends() -> None:
    entries: list[DecisionEntry] = []
    standing = Standing(entries.append)
    for verdicts in ((STALE,), (STALE,), (PARTIAL,), (), ()):
        standing.tell(1, *verdicts)
    assert codes(entries) == [["StaleView"], ["PartialView"], ["PartialViewEnded"]]


def told(held: HeldActions, now_ms: int, *verdicts: Verdict, loop: str = "a") -> list[str]:
    return [it.code for it in held.news(loop, {it.code: it for it in verdicts}, now_ms)]


def test_a_refusal_of_actions_is_told_once_though_not_every_pass_asks() -> None:
    held = HeldActions()
    assert told(held, 0, MANY) == ["TooManyNodes"]
    assert told(held, 1_000) == []
    assert told(held, 10_000, MANY) == []


def test_a_refusal_has_ended_when_nobody_asks_any_more() -> None:
    held = HeldActions()
    told(held, 0, MANY)
    assert told(held, GIVEN_UP_MS - 1) == []
    assert told(held, GIVEN_UP_MS) == ["TooManyNodesEnded"]
    assert told(held, GIVEN_UP_MS + 1, MANY) == ["TooManyNodes"]


def test_each_loop_is_told_of_its_own_refusals() -> None:
    held = HeldActions()
    told(held, 0, MANY)
    assert told(held, 0, MANY, loop="b") == ["TooManyNodes"]


def test_a_new_term_tells_anew() -> None:
    held = HeldActions()
    told(held, 0, MANY)
    held.forget()
    assert told(held, 1, MANY) == ["TooManyNodes"]
