"""The short way to answer the same question again gives what the whole algorithm gives."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kingtide.controlplane.hpa.model import (
    DEFAULT_CONFIG,
    Behavior,
    HpaObservation,
    HpaOutcome,
    HpaSpec,
    HpaState,
    ResourceMetric,
    ScalingPolicy,
    ScalingRules,
    UtilizationTarget,
)
from kingtide.controlplane.hpa.pods import PodGroup, PodSample
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.reconcile import reconcile
from kingtide.controlplane.hpa.steady import steady
from kingtide.kube.pods import Condition

SLOW = ScalingRules((ScalingPolicy("Pods", 2, 60),), stabilization_window_seconds=45)
BEHAVIORS = (
    None,
    Behavior(),
    Behavior(scale_up=SLOW, scale_down=ScalingRules(select_policy="Disabled")),
    Behavior(scale_down=SLOW),
)
SYNC_MS = 15_000

# What a pod uses of its 1,000 millicores, and how many are pending or unknown to the metrics API.
question = st.tuples(st.sampled_from((300, 700, 710, 1_500)), st.integers(0, 1), st.integers(0, 1))


def observed(asked: tuple[int, int, int], replicas: int, now_ms: int) -> HpaObservation:
    """A target whose pods have all settled; only the samples tell the time."""
    usage, pending, unknown = asked
    counted, long_ready = max(0, replicas - pending - unknown), Condition("True", 0)
    sample = PodSample(usage * counted, now_ms - 5_000, 15_000)
    groups = (
        PodGroup(pending, "Pending", request_milli=1_000),
        PodGroup(counted, "Running", 0, long_ready, request_milli=1_000, sample=sample),
        PodGroup(unknown, "Running", 0, long_ready, request_milli=1_000),
    )
    return HpaObservation(replicas, replicas, (MetricReading(groups),))


@given(
    st.lists(st.tuples(question, st.integers(1, 9)), min_size=1, max_size=8),
    st.sampled_from(BEHAVIORS),
    st.integers(1, 12),
    st.sampled_from((1, 4)),
    st.sampled_from((0, 60, 300)),
)
def test_an_answer_given_again_is_the_answer_worked_out(
    nights: list[tuple[tuple[int, int, int], int]],
    behavior: Behavior | None,
    replicas: int,
    least: int,
    window_seconds: int,
) -> None:
    metric = ResourceMetric("cpu", UtilizationTarget(70))
    spec = HpaSpec("shop", "api", 12, (metric,), least, behavior=behavior)
    config = msgspec.structs.replace(DEFAULT_CONFIG, downscale_stabilization_seconds=window_seconds)
    state, now_ms = HpaState(), 10**9
    before: tuple[object, HpaOutcome] | None = None
    for asked, times in nights:
        for _ in range(times):
            now_ms += SYNC_MS
            outcome = reconcile(spec, observed(asked, replicas, now_ms), state, now_ms, config)
            if before is not None and before[0] == (asked, replicas):
                again = steady(spec, before[1], now_ms, config)
                assert again is None or again == outcome
            before = (asked, replicas), outcome
            state, replicas = outcome.state, outcome.desired_replicas


def test_a_fleet_at_rest_is_answered_the_short_way() -> None:
    metric = ResourceMetric("cpu", UtilizationTarget(70))
    for behavior in BEHAVIORS:
        spec = HpaSpec("shop", "api", 12, (metric,), behavior=behavior)
        observation = observed((700, 0, 0), 6, 10**9)
        outcome = reconcile(spec, observation, HpaState(), 10**9, DEFAULT_CONFIG)
        assert steady(spec, outcome, 10**9 + SYNC_MS, DEFAULT_CONFIG) is not None


def test_what_only_time_can_change_is_worked_out() -> None:
    metric = ResourceMetric("cpu", UtilizationTarget(70))
    spec = HpaSpec("shop", "api", 12, (metric,))
    first_ms, second_ms, third_ms = (10**9 + n * SYNC_MS for n in range(3))
    observation = observed((700, 0, 0), 6, first_ms)
    high = reconcile(spec, observation, HpaState(), first_ms, DEFAULT_CONFIG)
    observation = observed((300, 0, 0), 6, second_ms)
    held = reconcile(spec, observation, high.state, second_ms, DEFAULT_CONFIG)
    assert (held.recommended_replicas, held.desired_replicas) == (3, 6)
    assert steady(spec, held, third_ms, DEFAULT_CONFIG) is None
