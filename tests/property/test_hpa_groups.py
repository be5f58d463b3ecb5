"""Groups of pods: how they are cut and ordered never changes a result."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from kingtide.controlplane.hpa.history import Recommendations
from kingtide.controlplane.hpa.model import (
    DEFAULT_CONFIG,
    AverageValueTarget,
    ExternalMetric,
    HpaObservation,
    HpaOutcome,
    HpaSpec,
    HpaState,
    Metric,
    PodsMetric,
    ResourceMetric,
    UtilizationTarget,
    ValueTarget,
)
from kingtide.controlplane.hpa.pods import PodGroup, PodSample
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.reconcile import reconcile
from kingtide.controlplane.hpa.requests import MissingRequest
from kingtide.kube.pods import Condition, ConditionStatus

NOW_MS = 2_000_000
STARTS = (None, 0, NOW_MS - 300_000, NOW_MS - 299_999, NOW_MS - 60_000, NOW_MS)


@st.composite
def readies(draw: st.DrawFn) -> Condition | None:
    """A Ready condition, or none yet."""
    statuses: list[ConditionStatus | None] = [None, "True", "False", "Unknown"]
    status = draw(st.sampled_from(statuses))
    if status is None:
        return None
    since_ms = draw(st.sampled_from([0, 29_999, 30_000, NOW_MS - 60_000, NOW_MS - 15_000]))
    return Condition(status, since_ms)


@st.composite
def pods(draw: st.DrawFn) -> PodGroup:
    """One pod of any kind."""
    sample = None
    if draw(st.integers(0, 3)):
        usage_milli = draw(st.integers(0, 3000))
        sample = PodSample(usage_milli, NOW_MS - draw(st.sampled_from([0, 15_000])), 15_000)
    request: int | MissingRequest = draw(st.sampled_from([1, 333, 999, 1000]))
    if draw(st.integers(0, 30)) == 0:
        request = MissingRequest("missing_request", "missing request")
    return PodGroup(
        1,
        draw(st.sampled_from(["Running", "Running", "Running", "Pending", "Failed", "Succeeded"])),
        draw(st.sampled_from(STARTS)),
        draw(readies()),
        draw(st.integers(0, 9)) == 0,
        request,
        sample,
    )


TARGETS: tuple[Metric, ...] = (
    ResourceMetric("cpu", UtilizationTarget(33)),
    ResourceMetric("cpu", UtilizationTarget(133)),
    ResourceMetric("memory", AverageValueTarget(777)),
    PodsMetric("rps", AverageValueTarget(777)),
    ExternalMetric("q", ValueTarget(777)),
)


def decide(metric: Metric, groups: tuple[PodGroup, ...], current: int) -> HpaOutcome:
    """One pass over these groups."""
    observation = HpaObservation(
        current, current, (MetricReading(groups, 1, 50, values_milli=(2500,)),)
    )
    state = HpaState(recommendations=Recommendations())
    spec = HpaSpec("ns", "d", 100, (metric,))
    return reconcile(spec, observation, state, NOW_MS, DEFAULT_CONFIG)


def kind(pod: PodGroup) -> tuple[object, ...]:
    """All that pods of one group share."""
    sample = None if pod.sample is None else (pod.sample.at_ms, pod.sample.window_ms)
    ready = None if pod.ready is None else (pod.ready.status, pod.ready.since_ms)
    return (pod.phase, pod.start_ms, ready, pod.deleting, pod.request_milli, sample)


def merged(alike: list[PodGroup]) -> PodGroup:
    """Pods of one kind as one group."""
    first = alike[0]
    sample = first.sample
    if sample is not None:
        usage = sum(pod.sample.usage_milli_total for pod in alike if pod.sample is not None)
        sample = PodSample(usage, sample.at_ms, sample.window_ms)
    return PodGroup(
        sum(pod.count for pod in alike),
        first.phase,
        first.start_ms,
        first.ready,
        first.deleting,
        first.request_milli,
        sample,
    )


many = st.lists(pods(), min_size=1, max_size=30)


@given(many, st.sampled_from(TARGETS), st.integers(1, 40))
def test_merging_pods_of_one_kind_changes_nothing(
    single: list[PodGroup], metric: Metric, current: int
) -> None:
    by_kind = sorted(single, key=lambda pod: repr(kind(pod)))
    groups = tuple(
        merged(list(alike))
        for _, alike in itertools.groupby(by_kind, key=lambda pod: repr(kind(pod)))
    )
    assert decide(metric, groups, current) == decide(metric, tuple(single), current)


@given(
    many.flatmap(lambda single: st.tuples(st.just(single), st.permutations(single))),
    st.sampled_from(TARGETS),
    st.integers(1, 40),
)
def test_the_order_of_groups_changes_nothing(
    orders: tuple[list[PodGroup], list[PodGroup]], metric: Metric, current: int
) -> None:
    one, other = orders
    assert decide(metric, tuple(one), current) == decide(metric, tuple(other), current)


@given(many, st.sampled_from(TARGETS), st.integers(1, 40))
def test_the_answer_is_within_the_bounds_whatever_the_pods(
    single: list[PodGroup], metric: Metric, current: int
) -> None:
    outcome = decide(metric, tuple(single), current)
    assert 1 <= outcome.desired_replicas <= 100
    assert outcome.rescaled == (outcome.desired_replicas != current)
    result = outcome.metrics[0].result
    if result.pods is not None:
        assert result.pods.total == len(single)
