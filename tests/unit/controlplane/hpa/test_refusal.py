"""Passes that failed at the API."""

from __future__ import annotations

from kingtide.controlplane.hpa.history import Recommendations
from kingtide.controlplane.hpa.model import Behavior, HpaState
from kingtide.controlplane.hpa.refusal import rescale_refused, scale_unreadable
from tests.unit.controlplane.hpa.situations import (
    NOW_MS,
    autoscaler,
    condition_of,
    decide,
    of_pods,
    pods,
    seen,
)


def test_a_refused_rescale_keeps_the_recommendation_but_no_scale_event() -> None:
    spec = autoscaler(behavior=Behavior())
    before = HpaState(recommendations=Recommendations(), desired_replicas=4)
    outcome = decide(spec, seen(4, of_pods(pods(4, 1000))), before)
    assert outcome.state.scale_up_events != ()
    refused = rescale_refused(spec, before, outcome, "conflict", NOW_MS)
    assert (refused.desired_replicas, refused.rescaled) == (4, False)
    assert refused.state.recommendations == outcome.state.recommendations
    assert refused.state.scale_up_events == ()
    assert refused.state.desired_replicas == 4
    assert refused.state.last_scale_ms is None
    assert condition_of(refused, "AbleToScale") == "False/FailedUpdateScale"
    assert condition_of(refused, "ScalingActive") == "True/ValidMetricFound"
    assert [event.reason for event in refused.events] == ["FailedRescale"]
    assert refused.error == "failed to rescale Deployment/shop/front: conflict"


def test_an_unreadable_scale_changes_nothing_but_the_condition() -> None:
    before = HpaState(recommendations=Recommendations((1,), (7,)))
    outcome = scale_unreadable(before, 7, "not found", NOW_MS)
    assert (outcome.desired_replicas, outcome.rescaled) == (7, False)
    assert outcome.state.recommendations == before.recommendations
    assert condition_of(outcome, "AbleToScale") == "False/FailedGetScale"
    assert outcome.events[0].message == "not found"
