"""What holds for every pass."""

from __future__ import annotations

import pytest

from kingtide.controlplane.hpa.history import Recommendations
from kingtide.controlplane.hpa.model import (
    HpaCondition,
    HpaState,
    MetricOutcome,
    ResourceMetric,
    UtilizationTarget,
)
from kingtide.controlplane.hpa.reading import MetricReading
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


def test_when_all_metrics_ask_for_nothing_the_last_one_is_named() -> None:
    readings = (of_pods(pods(4, 0)), MetricReading((pods(4),), values_milli=(0,)))
    outcome = decide(autoscaler(CPU_50, QUEUE_1), seen(4, *readings), FORGOTTEN)
    assert outcome.winning_metric == "external metric q(nil)"
    assert outcome.desired_replicas == 1


def test_missing_pods_are_taken_to_use_their_request_or_the_target_where_that_is_more() -> None:
    missing = pods(2, None)
    at_most_request = autoscaler(ResourceMetric("cpu", UtilizationTarget(80)))
    # 2 pods at 20 % and 2 at 100 % are 60 %: 0.75 of the target, times four pods.
    held = decide(at_most_request, seen(4, of_pods(pods(2, 200), missing)), FORGOTTEN)
    assert held.recommended_replicas == 3
    # 2 pods at 50 % and 2 at 200 % are 125 %: 0.625 of the target, times four pods.
    above_request = autoscaler(ResourceMetric("cpu", UtilizationTarget(200)))
    burst = decide(above_request, seen(4, of_pods(pods(2, 500), missing)), FORGOTTEN)
    assert burst.recommended_replicas == 3


def _problem(outcome: MetricOutcome) -> Problem:
    assert isinstance(outcome.result, Problem)
    return outcome.result
