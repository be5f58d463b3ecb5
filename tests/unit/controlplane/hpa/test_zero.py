"""Scaling to zero and waking up again."""

from __future__ import annotations

import pytest

from kingtide.controlplane.hpa.history import Recommendations
from kingtide.controlplane.hpa.model import (
    Behavior,
    HpaControllerConfig,
    HpaSpec,
    HpaState,
    ScalingRules,
)
from kingtide.controlplane.hpa.reading import MetricReading
from tests.unit.controlplane.hpa.situations import (
    QUEUE_1,
    autoscaler,
    condition_of,
    decide,
    pods,
    seen,
)

GATE_ON = HpaControllerConfig(scale_to_zero=True)
FORGOTTEN = HpaState(recommendations=Recommendations())
EMPTY_QUEUE = MetricReading((pods(3),), values_milli=(0,))
FULL_QUEUE = MetricReading(values_milli=(3000,))


def asleep(spec: HpaSpec) -> HpaState:
    """The state after this autoscaler brought its target to zero."""
    outcome = decide(spec, seen(3, EMPTY_QUEUE), FORGOTTEN, config=GATE_ON)
    assert outcome.desired_replicas == 0
    assert condition_of(outcome, "ScaledToZero") == "True/ScaledToZero"
    return HpaState(recommendations=Recommendations(), conditions=outcome.conditions)


def test_a_target_switched_off_by_somebody_is_left_alone() -> None:
    outcome = decide(autoscaler(QUEUE_1), seen(0, FULL_QUEUE), FORGOTTEN, config=GATE_ON)
    assert (outcome.desired_replicas, outcome.rescaled) == (0, False)
    assert condition_of(outcome, "ScalingActive") == "False/ScalingDisabled"


def test_a_target_put_to_sleep_is_woken_by_its_metric() -> None:
    spec = autoscaler(QUEUE_1, min_replicas=0)
    outcome = decide(spec, seen(0, FULL_QUEUE), asleep(spec), config=GATE_ON)
    assert outcome.desired_replicas == 3
    assert condition_of(outcome, "ScaledToZero") == "False/NotScaledToZero"


def test_sleep_survives_a_restart_of_the_controller() -> None:
    spec = autoscaler(QUEUE_1, min_replicas=0)
    before = asleep(spec)
    state = HpaState(None, (), (), before.conditions, before.desired_replicas, before.last_scale_ms)
    assert decide(spec, seen(0, FULL_QUEUE), state, config=GATE_ON).desired_replicas == 3


def test_with_the_gate_off_a_sleeping_target_stays_and_the_note_is_dropped() -> None:
    spec = autoscaler(QUEUE_1, min_replicas=0)
    outcome = decide(spec, seen(0, FULL_QUEUE), asleep(spec))
    assert outcome.desired_replicas == 0
    assert condition_of(outcome, "ScaledToZero") == ""


@pytest.mark.parametrize("behavior", [None, Behavior(ScalingRules(select_policy="Disabled"))])
def test_a_raised_minimum_wakes_a_sleeping_target_whatever_the_policies(
    behavior: Behavior | None,
) -> None:
    state = asleep(autoscaler(QUEUE_1, min_replicas=0))
    raised = autoscaler(QUEUE_1, min_replicas=2, behavior=behavior)
    quiet = MetricReading(values_milli=(0,))
    assert decide(raised, seen(0, quiet), state, config=GATE_ON).desired_replicas == 2


def test_a_raised_minimum_makes_even_a_metric_of_pods_be_asked() -> None:
    sleeping = asleep(autoscaler(QUEUE_1, min_replicas=0))
    outcome = decide(autoscaler(), seen(0, MetricReading()), sleeping, config=GATE_ON)
    assert outcome.desired_replicas == 0
    assert condition_of(outcome, "ScalingActive") == "False/FailedGetResourceMetric"


def test_metrics_of_pods_cannot_wake_a_target_whose_minimum_is_zero() -> None:
    sleeping = asleep(autoscaler(QUEUE_1, min_replicas=0))
    outcome = decide(autoscaler(min_replicas=0), seen(0, MetricReading()), sleeping, config=GATE_ON)
    assert condition_of(outcome, "ScalingActive") == "False/ScalingDisabled"
