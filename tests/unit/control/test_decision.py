from kingtide.control.decision import Decision
from kingtide.control.report import EMPTY_REPORT


def test_a_decision_that_only_remembers_does_nothing_and_asks_for_no_wake_up() -> None:
    decision = Decision(memory=7)
    assert decision.actions == ()
    assert decision.report is EMPTY_REPORT
    assert decision.wake_at_ms is None
