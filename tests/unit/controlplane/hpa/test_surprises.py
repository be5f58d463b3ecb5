"""What surprises people who know the documentation only, each by name."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.controlplane.hpa.behavior import EffectiveBehavior, effective_behavior
from kingtide.controlplane.hpa.history import (
    Recommendation,
    Recommendations,
    ScaleEvent,
    change_within,
    event_recorded,
    recommendations_of,
)
from kingtide.controlplane.hpa.limits import (
    limit_legacy,
    limit_with_behavior,
    scale_down_limit,
    scale_up_limit,
)
from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    Behavior,
    ExternalMetric,
    HpaState,
    PodsMetric,
    ResourceMetric,
    ScalingPolicy,
    ScalingRules,
    UtilizationTarget,
)
from kingtide.controlplane.hpa.pods import PodGroup, pod_verdict
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.replicas import Problem, Proposal
from kingtide.controlplane.hpa.requests import (
    ContainerRequest,
    MissingRequest,
    PodLevelRequest,
    pod_request_milli,
)
from kingtide.controlplane.hpa.stabilization import stabilize_legacy, stabilize_with_behavior
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

CPU_85 = ResourceMetric("cpu", UtilizationTarget(85))
FORGOTTEN = HpaState(recommendations=Recommendations())
"""A controller that has run for long: no recommendation holds anything back."""


def history(*slots: tuple[int, int]) -> Recommendations:
    """Recommendations by age in seconds and replicas."""
    return recommendations_of(
        tuple(Recommendation(NOW_MS - age * 1000, replicas) for age, replicas in slots)
    )


def rules(up: ScalingRules | None = None, down: ScalingRules | None = None) -> EffectiveBehavior:
    """A behaviour with its defaults."""
    return effective_behavior(Behavior(up, down), 300)


# 1


@pytest.mark.parametrize(
    ("usage_milli", "replicas"),
    [(939, 100), (940, 111), (769, 90), (770, 100)],
    ids=["93.9 % is 93", "94 % grows", "76.9 % is 76 and shrinks", "77 % stays"],
)
def test_utilization_is_truncated_to_whole_percent(usage_milli: int, replicas: int) -> None:
    outcome = decide(autoscaler(CPU_85), seen(100, of_pods(pods(100, usage_milli))), FORGOTTEN)
    assert outcome.recommended_replicas == replicas


# 2


def test_without_behaviour_a_recommendation_exactly_as_old_as_the_window_counts() -> None:
    assert stabilize_legacy(history((300, 9)), 5, NOW_MS, 300).replicas == 9
    assert stabilize_legacy(history((301, 9)), 5, NOW_MS, 300).replicas == 5


def test_with_behaviour_a_recommendation_exactly_as_old_as_the_window_is_out() -> None:
    assert stabilize_with_behavior(history((299, 9)), 5, 10, NOW_MS, 0, 300).replicas == 9
    assert stabilize_with_behavior(history((300, 9)), 5, 10, NOW_MS, 0, 300).replicas == 5


def test_a_window_of_zero_sees_the_same_instant_only_without_behaviour() -> None:
    assert stabilize_legacy(history((0, 9)), 5, NOW_MS, 0).replicas == 9
    assert stabilize_with_behavior(history((0, 9)), 5, 10, NOW_MS, 0, 0).replicas == 5


def test_a_scale_event_exactly_as_old_as_the_period_no_longer_counts() -> None:
    assert change_within((ScaleEvent(NOW_MS - 60_000, 7),), NOW_MS, 60) == 0
    assert change_within((ScaleEvent(NOW_MS - 59_999, 7),), NOW_MS, 60) == 7


# 3


@pytest.mark.parametrize(
    ("current", "allowed"),
    [(50, 56), (90, 100), (110, 122), (230, 254), (350, 386), (700, 771)],
)
def test_ten_percent_more_is_computed_in_doubles(current: int, allowed: int) -> None:
    up = ScalingRules(policies=(ScalingPolicy("Percent", 10, 15),))
    assert scale_up_limit(current, rules(up=up).scale_up, (), (), NOW_MS) == allowed


def test_eighty_percent_less_than_fifty_is_nine() -> None:
    down = ScalingRules(policies=(ScalingPolicy("Percent", 80, 15),))
    assert scale_down_limit(50, rules(down=down).scale_down, (), (), NOW_MS) == 9


# 4


def test_only_without_behaviour_may_stabilisation_raise_above_current() -> None:
    assert stabilize_legacy(history((60, 30)), 5, NOW_MS, 300).replicas == 30
    assert stabilize_with_behavior(history((60, 30)), 5, 10, NOW_MS, 0, 300).replicas == 10


# 5


def test_a_restarted_controller_cannot_shrink_for_one_window() -> None:
    idle = of_pods(pods(10, 100))
    first = decide(autoscaler(), seen(10, idle), FORGOTTEN)
    assert first.desired_replicas == 2
    restarted = decide(autoscaler(), seen(10, idle), HpaState(conditions=FORGOTTEN.conditions))
    assert (restarted.recommended_replicas, restarted.desired_replicas) == (2, 10)
    still = decide(autoscaler(), seen(10, idle), restarted.state, NOW_MS + 300_000)
    assert still.desired_replicas == 10
    over = decide(autoscaler(), seen(10, idle), still.state, NOW_MS + 300_001)
    assert over.desired_replicas == 2


def test_a_restarted_controller_cannot_grow_for_one_up_window() -> None:
    spec = autoscaler(behavior=Behavior(ScalingRules(stabilization_window_seconds=60)))
    busy = of_pods(pods(10, 900))
    restarted = decide(spec, seen(10, busy))
    assert restarted.desired_replicas == 10
    assert condition_of(restarted, "AbleToScale") == "True/ScaleUpStabilized"
    over = decide(spec, seen(10, busy), restarted.state, NOW_MS + 60_000)
    assert over.desired_replicas == 18


# 6


@pytest.mark.parametrize(
    ("current", "bound", "reason"),
    [
        (30, 20, "Current number of replicas above Spec.MaxReplicas"),
        (2, 5, "Current number of replicas below Spec.MinReplicas"),
    ],
    ids=["above max", "below min"],
)
def test_a_target_out_of_bounds_jumps_without_metrics_or_policies(
    current: int, bound: int, reason: str
) -> None:
    disabled = ScalingRules(select_policy="Disabled")
    spec = autoscaler(behavior=Behavior(disabled, disabled), min_replicas=5, max_replicas=20)
    outcome = decide(spec, seen(current, MetricReading(api_error="down")), FORGOTTEN)
    assert outcome.desired_replicas == bound
    assert outcome.rescale_reason == reason
    assert outcome.metrics == ()
    assert outcome.state.recommendations == Recommendations()
    stored = (*outcome.state.scale_up_events, *outcome.state.scale_down_events)
    assert stored == (ScaleEvent(NOW_MS, abs(bound - current)),)


def test_normalisation_alone_does_not_clamp_a_size_that_stays() -> None:
    limit = limit_with_behavior(30, 30, 1, 20, rules(), (), (), NOW_MS)
    assert (limit.replicas, limit.reason) == (30, "DesiredWithinRange")


# 7


def test_on_the_way_down_the_minimum_holds_even_upwards() -> None:
    disabled = rules(up=ScalingRules(select_policy="Disabled"))
    limit = limit_with_behavior(2, 1, 5, 20, disabled, (), (), NOW_MS)
    assert (limit.replicas, limit.reason) == (5, "TooFewReplicas")


# 8


def test_the_result_multiplies_counted_pods_not_the_spec() -> None:
    outcome = decide(autoscaler(), seen(10, of_pods(pods(4, 1000))), FORGOTTEN)
    assert outcome.recommended_replicas == 8


# 9


def test_a_fresh_pod_counts_once_a_whole_window_was_measured_since_it_got_ready() -> None:
    def verdict(at_ms: int) -> str:
        group = pods(1, start_ms=NOW_MS - 90_000, ready_since_ms=NOW_MS - 45_000, at_ms=at_ms)
        return pod_verdict(group, True, NOW_MS, 300_000, 30_000)

    assert verdict(NOW_MS - 30_001) == "unready"
    assert verdict(NOW_MS - 30_000) == "counted"


def test_unready_pods_weigh_nothing_on_the_way_up_and_vanish_on_the_way_down() -> None:
    starting = pods(5, 1000, ready="False", start_ms=NOW_MS - 60_000)
    up = decide(autoscaler(), seen(15, of_pods(pods(10, 1000), starting)), FORGOTTEN)
    assert up.recommended_replicas == 20  # 200 % of ten pods, shared out over fifteen
    down = decide(autoscaler(), seen(15, of_pods(pods(10, 100), starting)), FORGOTTEN)
    assert down.recommended_replicas == 2


def test_consecutive_passes_may_grow_while_fresh_pods_are_unready() -> None:
    starting = pods(43, 350, ready="False", start_ms=NOW_MS - 15_000)
    first = decide(autoscaler(CPU_85), seen(240, of_pods(pods(240, 1000))), FORGOTTEN)
    assert first.recommended_replicas == 283
    second = decide(autoscaler(CPU_85), seen(283, of_pods(pods(240, 1180), starting)), FORGOTTEN)
    assert second.recommended_replicas == 333


# 10


def test_metrics_of_unknown_pods_weigh_in_averages_but_not_in_utilization() -> None:
    reading = MetricReading((pods(2, 500),), unknown_pods=2, unknown_usage_milli=3000)
    utilization = decide(autoscaler(), seen(2, reading), FORGOTTEN)
    assert utilization.utilization_percent == 50
    average = decide(
        autoscaler(PodsMetric("rps", AverageValueTarget(500))), seen(2, reading), FORGOTTEN
    )
    assert _proposal(average.metrics[0].result).average_milli == 1000


def test_metrics_of_unknown_pods_are_multiplied_once_pods_are_missing() -> None:
    known = (pods(2, 1000), pods(1, None))
    alone = decide(autoscaler(), seen(3, MetricReading(known)), FORGOTTEN)
    assert alone.recommended_replicas == 4
    reading = MetricReading(known, unknown_pods=3, unknown_usage_milli=0)
    assert decide(autoscaler(), seen(3, reading), FORGOTTEN).recommended_replicas == 8


# 11


def test_ready_unknown_counts_for_cpu_but_does_not_serve() -> None:
    unknown = pods(1, ready="Unknown")
    assert pod_verdict(unknown, True, NOW_MS, 300_000, 30_000) == "counted"
    assert not unknown.is_ready


@pytest.mark.parametrize(
    "group",
    [pods(1, None, phase="Succeeded"), pods(1, None, phase="Unknown")],
    ids=["done", "lost"],
)
def test_a_phase_other_than_failed_is_not_ignored(group: PodGroup) -> None:
    assert pod_verdict(group, True, NOW_MS, 300_000, 30_000) == "missing"


# 12


def test_an_external_value_multiplies_ready_pods_and_may_shrink_under_overload() -> None:
    reading = MetricReading((pods(1), pods(2, ready="False")), values_milli=(1950,))
    assert decide(autoscaler(QUEUE_1), seen(3, reading), FORGOTTEN).recommended_replicas == 2


# 13


def test_an_average_within_tolerance_answers_what_exists_not_what_was_asked_for() -> None:
    metric = ExternalMetric("q", AverageValueTarget(1000))
    observation = seen(8, MetricReading(values_milli=(5000,)), status_replicas=5)
    assert decide(autoscaler(metric), observation, FORGOTTEN).recommended_replicas == 5


# 14


def test_the_largest_proposal_wins() -> None:
    readings = (of_pods(pods(4, 600)), MetricReading((pods(4),), values_milli=(2000,)))
    outcome = decide(autoscaler(CPU_50, QUEUE_1), seen(4, *readings), FORGOTTEN)
    assert outcome.recommended_replicas == 8
    assert outcome.winning_metric == "external metric q(nil)"


def test_a_failing_metric_forbids_to_shrink_and_leaves_no_recommendation() -> None:
    readings = (of_pods(pods(4, 100)), MetricReading())
    outcome = decide(autoscaler(CPU_50, QUEUE_1), seen(4, *readings), FORGOTTEN)
    assert (outcome.desired_replicas, outcome.recommended_replicas) == (4, None)
    assert outcome.state.recommendations == Recommendations()
    assert condition_of(outcome, "ScalingActive") == "False/FailedGetExternalMetric"
    assert [event.reason for event in outcome.events] == [
        "FailedGetExternalMetric",
        "FailedComputeMetricsReplicas",
    ]


def test_a_failing_metric_allows_to_grow_and_is_reported_all_the_same() -> None:
    readings = (of_pods(pods(4, 900)), MetricReading())
    outcome = decide(autoscaler(CPU_50, QUEUE_1), seen(4, *readings), FORGOTTEN)
    assert outcome.desired_replicas == 8
    assert condition_of(outcome, "ScalingActive") == "True/ValidMetricFound"
    assert outcome.error.startswith("invalid metrics (1 invalid out of 2), first error is: ")


# 15


def test_a_recommendation_overwrites_the_last_expired_slot_only() -> None:
    after = stabilize_legacy(history((400, 8), (350, 9), (10, 7)), 5, NOW_MS, 300)
    assert after.recommendations.slots == history((400, 8), (0, 5), (10, 7)).slots
    appended = stabilize_legacy(history((10, 7)), 5, NOW_MS, 300)
    assert appended.recommendations.slots == history((10, 7), (0, 5)).slots


def test_with_behaviour_a_slot_is_free_once_older_than_both_windows() -> None:
    kept = stabilize_with_behavior(history((300, 8)), 5, 10, NOW_MS, 600, 60)
    assert kept.recommendations.slots == history((300, 8), (0, 5)).slots
    freed = stabilize_with_behavior(history((601, 8)), 5, 10, NOW_MS, 600, 60)
    assert freed.recommendations.slots == history((0, 5)).slots


def test_an_outdated_event_still_counts_for_the_longer_period_of_the_other_direction() -> None:
    up = ScalingRules(policies=(ScalingPolicy("Pods", 100, 15),))
    down = ScalingRules(policies=(ScalingPolicy("Pods", 2, 600),))
    behavior = rules(up, down)
    events = (ScaleEvent(NOW_MS - 60_000, 10, outdated=True),)
    assert scale_down_limit(20, behavior.scale_down, events, (), NOW_MS) == 8
    reused = event_recorded(events, NOW_MS, 5, behavior.scale_up.longest_period_seconds)
    assert reused == (ScaleEvent(NOW_MS, 5),)
    assert scale_down_limit(25, behavior.scale_down, reused, (), NOW_MS) == 18


def test_an_event_exactly_as_old_as_the_longest_period_is_not_outdated() -> None:
    old = ScaleEvent(NOW_MS - 60_000, 10)
    assert event_recorded((old,), NOW_MS, 5, 60) == (old, ScaleEvent(NOW_MS, 5))
    assert event_recorded((old,), NOW_MS, 5, 59) == (ScaleEvent(NOW_MS, 5),)


# 16


def test_a_limit_at_the_bound_is_put_down_to_the_bound() -> None:
    assert limit_legacy(10, 30, 1, 20).reason == "TooManyReplicas"
    assert limit_legacy(10, 30, 1, 21).reason == "ScaleUpLimit"
    assert limit_with_behavior(10, 30, 1, 20, rules(), (), (), NOW_MS).reason == "TooManyReplicas"
    half = rules(down=ScalingRules(policies=(ScalingPolicy("Percent", 50, 15),)))
    assert limit_with_behavior(10, 1, 5, 20, half, (), (), NOW_MS).reason == "TooFewReplicas"
    assert limit_with_behavior(10, 1, 4, 20, half, (), (), NOW_MS).reason == "ScaleDownLimit"


# 17


@pytest.mark.parametrize(
    "leaving", [pods(1, phase="Failed"), pods(1, deleting=True)], ids=["failed", "deleting"]
)
def test_requests_are_required_of_every_selected_pod(leaving: PodGroup) -> None:
    missing = MissingRequest("missing_request", "missing request for cpu in container app of Pod x")
    without = msgspec.structs.replace(leaving, request_milli=missing)
    outcome = decide(autoscaler(), seen(3, of_pods(pods(3, 900), without)), FORGOTTEN)
    result = outcome.metrics[0].result
    assert isinstance(result, Problem)
    assert (result.code, result.message) == (missing.error, missing.message)
    assert not outcome.rescaled


def test_a_pod_level_request_of_another_resource_lets_unset_containers_count_nothing() -> None:
    containers = (ContainerRequest("app", 300), ContainerRequest("log", None))
    assert pod_request_milli("p", containers, "cpu", "", PodLevelRequest(None)) == 300
    assert isinstance(pod_request_milli("p", containers, "cpu"), MissingRequest)
    nothing = (ContainerRequest("app", None),)
    assert isinstance(
        pod_request_milli("p", nothing, "cpu", "", PodLevelRequest(None)), MissingRequest
    )


def _proposal(result: Proposal | Problem) -> Proposal:
    assert isinstance(result, Proposal)
    return result
