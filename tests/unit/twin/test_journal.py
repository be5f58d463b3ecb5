from msgspec.structs import replace

from kingtide.control.action import PatchScale
from kingtide.control.report import EMPTY_REPORT, Report, Verdict
from kingtide.kube.nodes import LIFECYCLE_LABEL
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from tests.twin.worlds import START_MS, fixed_node

VERDICT = Report({}, (Verdict("node/a", "noticed", "Seen"),))
SCALE = PatchScale(reason="r", namespace="a", name="b", replicas=2, expected_replicas=1)


def test_no_mark_before_the_start_of_recording_is_kept() -> None:
    engine = Engine(START_MS)
    journal = Journal(engine, START_MS + 1_000)
    journal.mark("rescaled", "a", "early")
    engine.run_until(START_MS + 1_000)
    journal.mark("rescaled", "a", "late", "warning")
    assert [(m.at_ms - START_MS, m.message, m.severity) for m in journal.marks] == [
        (1_000, "late", "warning")
    ]


def test_a_pass_that_found_nothing_new_and_did_nothing_is_not_kept() -> None:
    journal = Journal(Engine(START_MS), START_MS)
    journal.decision("c", EMPTY_REPORT, (), ())
    journal.decision("c", Report({"nodes": 4}), (), ())
    journal.decision("c", EMPTY_REPORT, (SCALE,), ())
    journal.decision("c", VERDICT, (), ())
    assert len(journal.decisions) == 2


def test_a_runaway_scenario_is_cut_and_says_by_how_much() -> None:
    journal = Journal(Engine(START_MS), START_MS, most=3)
    for number in range(5):
        journal.mark("rescaled", "a", str(number))
        journal.decision("c", VERDICT, (), ())
    assert [mark.message for mark in journal.marks] == ["0", "1", "2"]
    assert len(journal.decisions) == 3
    assert journal.dropped == 4


def test_a_node_tells_when_it_is_ready_and_when_it_is_gone() -> None:
    engine = Engine(START_MS)
    journal = Journal(engine, START_MS)
    node = replace(fixed_node("n1"), created_ms=START_MS - 90_000, labels={LIFECYCLE_LABEL: "spot"})
    journal.node_ready(node)
    journal.node_removed(node)
    assert [(mark.kind, mark.subject) for mark in journal.marks] == [
        ("node_ready", "n1"),
        ("node_removed", "n1"),
    ]
    assert journal.marks[0].message == "spot node n1 is Ready, 90 s after it registered"


def say(journal: Journal, *verdicts: Verdict) -> None:
    journal.decision("node_autoscaling", Report(verdicts=verdicts), (), ())


def test_a_refusal_of_the_warm_up_is_recorded_when_recording_begins() -> None:
    engine = Engine(0)
    journal = Journal(engine, 1_000)
    stays = Verdict("pod/a", "refused", "NoGroupFits")
    ends = Verdict("pod/b", "waits", "OnItsWay")
    engine.at(100, EventClass.CONTROL, say, journal, stays, ends)
    engine.at(200, EventClass.CONTROL, say, journal, Verdict("pod/b", "cleared", "Placed"))
    engine.run_until(2_000)
    (entry,) = journal.decisions
    assert (entry.at_ms, entry.report.verdicts) == (1_000, (stays,))


def test_what_was_said_last_is_what_stands() -> None:
    engine = Engine(0)
    journal = Journal(engine, 1_000)
    first, last = Verdict("node/n", "refused", "Busy"), Verdict("node/n", "refused", "TooYoung")
    engine.at(100, EventClass.CONTROL, say, journal, first)
    engine.at(200, EventClass.CONTROL, say, journal, last)
    engine.run_until(2_000)
    assert [entry.report.verdicts for entry in journal.decisions] == [(last,)]


def test_nothing_stands_where_recording_begins_at_once() -> None:
    engine = Engine(0)
    journal = Journal(engine, 0)
    say(journal, Verdict("node/n", "refused", "Busy"))
    engine.run_until(10)
    assert len(journal.decisions) == 1
