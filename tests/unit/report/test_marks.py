import msgspec

from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Report
from kingtide.rehearsal.record import Event
from kingtide.report.marks import kind_text, lane, thinned
from tests.unit.report.evening import START_MS, evening


def test_problems_have_the_first_row_and_every_controller_its_own() -> None:
    shown = lane(evening())
    assert shown.rows == (
        "Problems",
        "Node joined",
        "HPA rescaled",
        "node_autoscaling",
        "overprovisioning",
    )
    assert {m.tone for m in shown.marks if m.row == 0} == {"bad", "warning"}
    assert [m.at_ms for m in shown.marks] == sorted(m.at_ms for m in shown.marks)


def test_an_uncommon_kind_shares_a_row() -> None:
    events = tuple(
        Event(START_MS + i, f"kind_{i % 5}", "node/a", "It happened.") for i in range(13)
    )
    shown = lane(msgspec.structs.replace(evening(), events=events, decisions=()))
    assert shown.rows == ("Kind 0", "Kind 1", "Kind 2", "Other events")
    assert sum(1 for mark in shown.marks if mark.row == 3) == 4


def test_a_failed_action_makes_its_pass_a_warning() -> None:
    decided = [m for m in lane(evening()).marks if m.row == 3]
    assert [m.tone for m in decided].count("warning") == 2
    failed = next(m for m in decided if m.tone == "warning")
    asked = "asked spot-nodes-workers-4x for 32 instances instead of 28"
    assert f"{asked}, which failed (InsufficientInstanceCapacity no capacity)" in failed.lines


def test_what_lies_outside_the_plotted_time_is_counted() -> None:
    early = Event(START_MS - 60_000, "node_joined", "node/a", "During the warm-up.")
    record = evening()
    shown = lane(msgspec.structs.replace(record, events=(early, *record.events)))
    assert shown.outside == 1
    assert all(mark.lines != ("During the warm-up.",) for mark in shown.marks)


def test_thinning_keeps_problems_and_actions() -> None:
    whole = lane(evening())
    problems = sum(1 for m in whole.marks if m.tone in ("bad", "warning"))
    kept = thinned(whole, problems + 1)
    assert sum(1 for m in kept.marks if m.tone in ("bad", "warning")) == problems
    assert len(kept.marks) == problems + 1
    assert kept.dropped == len(whole.marks) - problems - 1
    assert thinned(whole, 10_000) is whole


def test_kinds_read_as_words() -> None:
    assert kind_text("node_not_ready") == "Node not ready"
    assert kind_text("hpa_rescaled") == "HPA rescaled"


def test_a_pass_that_only_noticed_is_no_action() -> None:
    entry = DecisionEntry(START_MS, "downscaling", Report({"nodes": 3}))
    shown = lane(msgspec.structs.replace(evening(), events=(), decisions=(entry,)))
    assert shown.rows == ("downscaling",)
    assert (shown.marks[0].tone, shown.marks[0].heading) == ("noticed", "downscaling saw 3 nodes")
