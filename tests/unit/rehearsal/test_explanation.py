from __future__ import annotations

from kingtide.control.action import EvictPod, SetDesiredCapacity
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Report, Verdict
from kingtide.rehearsal.explanation import about, explain_at


def entry(at_ms: int, controller: str = "node_autoscaling") -> DecisionEntry:
    return DecisionEntry(at_ms, controller, Report())


def test_decisions_within_the_window_are_the_answer() -> None:
    entries = [entry(0), entry(900), entry(1000), entry(1100), entry(2000)]
    found = explain_at(entries, 1000, 100)
    assert [e.at_ms for e in found.entries] == [900, 1000, 1100]
    assert found.within


def test_where_nothing_was_decided_the_nearest_of_each_controller_are_told() -> None:
    entries = [
        entry(0),
        entry(100),
        entry(150, "other"),
        entry(2000, "other"),
        entry(3000, "other"),
    ]
    found = explain_at(entries, 1000, 10)
    assert [(e.at_ms, e.controller) for e in found.entries] == [
        (100, "node_autoscaling"),
        (150, "other"),
        (2000, "other"),
    ]
    assert not found.within


def test_an_empty_journal_explains_nothing() -> None:
    found = explain_at([], 1000, 10)
    assert (found.entries, found.within) == ((), False)


def test_only_what_concerns_a_subject_is_kept() -> None:
    grow = SetDesiredCapacity(
        group="spot-a", desired=2, expected_desired=1, reason="spot-b is full"
    )
    evict = EvictPod(namespace="shop", name="api-7", uid="u", reason="")
    verdicts = (
        Verdict("group/spot-a", "chose", "ScaleUp"),
        Verdict("group/spot-b", "refused", "Backoff"),
        Verdict("pod/shop/api-7", "acted", "Evicted"),
    )
    whole = DecisionEntry(0, "c", Report({"saw": 1}, verdicts), (grow, evict))
    for subject in ("group/spot-a", "spot-a"):
        found = about(whole, subject)
        assert found is not None
        assert (found.report.verdicts, found.actions) == (verdicts[:1], (grow,))
        assert found.report.saw == {"saw": 1}
    for subject in ("pod/shop/api-7", "shop/api-7", "api-7"):
        found = about(whole, subject)
        assert found is not None
        assert (found.report.verdicts, found.actions) == (verdicts[2:], (evict,))
    found = about(whole, "spot-b")
    assert found is not None
    assert found.actions == ()
    assert about(whole, "spot") is None
