from kingtide.control.action import SetDesiredCapacity
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.outcome import Outcome
from kingtide.control.report import Report, Verdict
from kingtide.report.sentences import LINES_MAX, PHRASES, told

ACTION = SetDesiredCapacity(reason="2 pods fit no node", group="g", desired=3, expected_desired=1)


def test_an_action_is_told_with_its_reason() -> None:
    entry = DecisionEntry(0, "node_autoscaling", Report(), (ACTION,))
    assert told(entry) == ("asked g for 3 instances instead of 1: 2 pods fit no node",)


def test_only_outcomes_that_went_wrong_are_told() -> None:
    done = Outcome(ACTION, "done", 0)
    failed = Outcome(ACTION, "precondition_failed", 0, message="desired is 2")
    entry = DecisionEntry(0, "node_autoscaling", Report(), (), (done, failed))
    assert told(entry) == (
        (
            "asked g for 3 instances instead of 1, "
            "which came too late: it had changed by then (desired is 2)"
        ),
    )


def test_a_verdict_is_told_in_its_controllers_words() -> None:
    verdict = Verdict("group/spot", "refused", "InBackoff", {"detail": "no capacity"})
    phrase = PHRASES["node_autoscaling"].sentences["InBackoff"]
    entry = DecisionEntry(0, "node_autoscaling", Report({}, (verdict,)))
    assert told(entry) == (
        "refused: " + phrase.format(name="spot", subject="group/spot", detail="no capacity"),
    )


def test_an_unknown_controller_is_told_by_its_details() -> None:
    verdict = Verdict("node/a", "waits", "Mystery", {"for": 3})
    entry = DecisionEntry(0, "someone", Report({}, (verdict,)))
    assert told(entry) == ("waits: node/a: Mystery (for=3)",)


def test_a_pass_over_a_whole_fleet_is_cut_and_says_so() -> None:
    verdicts = tuple(Verdict(f"node/{i}", "noticed", "Mystery") for i in range(LINES_MAX + 5))
    lines = told(DecisionEntry(0, "someone", Report({}, verdicts)))
    assert len(lines) == LINES_MAX
    assert lines[-1] == "… and 6 more, see decisions.jsonl"
