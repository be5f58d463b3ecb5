"""What holds for every pass."""

from __future__ import annotations

import pytest

from kingtide.controlplane.hpa.history import Recommendations
from kingtide.controlplane.hpa.model import HpaCondition, HpaState, MetricOutcome
from kingtide.controlplane.hpa.replicas import Problem
from tests.unit.controlplane.hpa.situations import (
    CPU_50,
    NOW_MS,
    QUEUE_1,
    autoscaler,
    condition_of,
    decide,
    of_pods,
    pods,
    seen,
)

FORGOTTEN = HpaState(recommendations=Recommendations())


def test_a_reading_too_few_is_refused_with_the_name_of_the_target() -> None:
    with pytest.raises(ValueError, match="shop/front: 1 readings for 2 metrics"):
        decide(autoscaler(CPU_50, QUEUE_1), seen(3, of_pods(pods(3))))


def test_a_condition_keeps_its_time_while_its_status_stays() -> None:
    busy = of_pods(pods(4, 1000))
    first = decide(autoscaler(), seen(4, busy), FORGOTTEN)
    assert condition_of(first, "AbleToScale") == "True/SucceededRescale"
    second = decide(autoscaler(), seen(8, of_pods(pods(8))), first.state, NOW_MS + 15_000)
    assert condition_of(second, "AbleToScale") == "True/ReadyForNewScale"
    assert {condition.since_ms for condition in second.conditions} == {NOW_MS}


def test_a_condition_gets_a_new_time_when_its_status_turns() -> None:
    first = decide(autoscaler(), seen(4, of_pods(pods(4))), FORGOTTEN)
    second = decide(autoscaler(), seen(4, of_pods(pods(4, None))), first.state, NOW_MS + 15_000)
    turned = [c for c in second.conditions if c.type == "ScalingActive"]
    assert turned == [
        HpaCondition(
            "ScalingActive",
            "False",
            "FailedGetResourceMetric",
            "the HPA was unable to compute the replica count: failed to get cpu utilization: "
            "unable to get metrics for resource cpu: "
            "no metrics returned from resource metrics API",
            NOW_MS + 15_000,
        )
    ]
    assert condition_of(second, "ScalingLimited") == "False/DesiredWithinRange"


def test_an_unchanged_pass_hands_back_the_very_same_conditions() -> None:
    first = decide(autoscaler(), seen(4, of_pods(pods(4))), FORGOTTEN)
    second = decide(autoscaler(), seen(4, of_pods(pods(4))), first.state, NOW_MS + 15_000)
    assert second.conditions is first.conditions


def test_no_pods_is_another_failure_than_no_metrics() -> None:
    reading = of_pods()
    nothing = decide(autoscaler(), seen(4, reading), FORGOTTEN)
    assert _problem(nothing.metrics[0]).code == "metrics_unavailable"
    unusable = decide(autoscaler(), seen(4, of_pods(pods(4, phase="Pending"))), FORGOTTEN)
    assert _problem(unusable.metrics[0]).code == "no_usable_metrics"


def test_a_rescale_leaves_its_time_and_size_in_the_status() -> None:
    outcome = decide(autoscaler(), seen(4, of_pods(pods(4, 1000))), FORGOTTEN)
    assert outcome.state.desired_replicas == 8
    assert outcome.state.last_scale_ms == NOW_MS
    assert outcome.events[0].message == (
        "New size: 8; reason: cpu resource utilization (percentage of request) above target"
    )


def _problem(outcome: MetricOutcome) -> Problem:
    assert isinstance(outcome.result, Problem)
    return outcome.result
