"""The text of FailedScheduling events."""

from __future__ import annotations

from kingtide.controlplane.scheduling.failure import NO_VICTIMS, FitFailure


def test_reasons_are_sorted_as_text_with_their_counts() -> None:
    failure = FitFailure(12, {"Insufficient cpu": 3, "node(s) had untolerated taint(s)": 10})
    assert failure.message == (
        "0/12 nodes are available: 10 node(s) had untolerated taint(s), 3 Insufficient cpu."
    )


def test_what_preemption_found_stands_behind() -> None:
    failure = FitFailure(2, {"Insufficient cpu": 2}, preemption={NO_VICTIMS: 2})
    assert failure.message == (
        "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, "
        "preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod."
    )


def test_a_pod_that_may_not_preempt_is_told_why() -> None:
    failure = FitFailure(1, {"Insufficient cpu": 1}, preemption_note="not eligible.")
    assert failure.message.endswith("to deallocate, preemption: not eligible.")


def test_a_cluster_without_nodes_says_so() -> None:
    assert FitFailure(0, {}).message == "no nodes available to schedule pods"
