"""From one metric to a number of replicas.

The four rules differ in what a ratio is: usage against requests (in whole percent), usage a pod
against a target, a value against a target, a value shared out over the pods. The first two count
pods, guess what the pods without a sample would use, and refuse a guess that would turn the
direction.

Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/replica_calculator.go
and metrics/utilization.go;
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.controlplane.hpa.doubles import (
    MAX_INT64,
    ceil_int32,
    ceil_int32_clamped,
    ceil_int64,
    divide_truncated,
    quotient,
    wrap_int32,
)
from kingtide.controlplane.hpa.pods import PodCounts, PodGroup
from kingtide.controlplane.hpa.ratio import Tolerances
from kingtide.controlplane.hpa.tally import Tally

ProblemCode = Literal[
    "metrics_unavailable",
    "no_pods",
    "no_usable_metrics",
    "missing_request",
    "container_not_found",
    "no_requests_for_metrics",
]

NO_PODS = "no pods returned by selector while calculating replica count"
_NO_USABLE = "did not receive metrics for targeted pods (pods might be unready)"
_NO_REQUESTS = "no metrics returned matched known pods"


class Proposal(msgspec.Struct, frozen=True, gc=False):
    """What one metric asks for, and the figures behind it.

    A figure its kind does not produce is None.

    `average_milli` is truncated for metrics of pods and rounded up for values shared out over pods.
    `pods` is None for metrics that do not sort pods.
    """

    replicas: int
    utilization_percent: int | None = None
    average_milli: int | None = None
    total_milli: int | None = None
    pods: PodCounts | None = None


class Problem(msgspec.Struct, frozen=True, gc=False):
    """Why one metric asks for nothing; `message` is the controller's wording."""

    code: ProblemCode
    message: str
    pods: PodCounts | None = None


def replicas_for_utilization(
    tally: Tally, current: int, target_percent: int, tolerances: Tolerances
) -> Proposal | Problem:
    """Return the replicas that bring usage to `target_percent` of the requests.

    The tally must come from the same target: it holds what its missing pods are assumed to use.
    """
    pods = tally.pods
    if pods.counted + tally.unknown == 0:
        return _unusable(pods)
    if tally.without_request is not None:
        return Problem(tally.without_request.error, tally.without_request.message, pods)
    usage = tally.counted_usage_milli
    request = tally.counted_request_milli
    if request == 0:
        return Problem("no_requests_for_metrics", _NO_REQUESTS, pods)
    percent = _percent(usage, request)
    average = divide_truncated(usage, pods.counted)
    ratio = float(percent) / float(target_percent)
    scale_up_with_unready = pods.unready > 0 and ratio > 1.0
    if not scale_up_with_unready and pods.missing == 0:
        replicas = current if tolerances.allow(ratio) else ceil_int32(ratio * float(pods.counted))
        return Proposal(replicas, percent, average, None, pods)
    samples = pods.counted + tally.unknown
    if pods.missing and ratio != 1.0:
        usage += tally.missing_fill_milli if ratio < 1.0 else 0
        request += tally.missing_request_milli
        samples += pods.missing
    if scale_up_with_unready:
        request += tally.unready_request_milli
        samples += pods.unready
    guess = float(_percent(usage, request)) / float(target_percent)
    replicas = _without_turning(ratio, guess, samples, current, tolerances)
    return Proposal(replicas, percent, average, None, pods)


def replicas_for_average(
    tally: Tally, current: int, target_milli: int, tolerances: Tolerances
) -> Proposal | Problem:
    """Return the replicas that bring the usage of a pod to `target_milli`.

    Missing pods are assumed to meet it.
    """
    pods = tally.pods
    samples = pods.counted + tally.unknown
    if samples == 0:
        return _unusable(pods)
    usage = tally.counted_usage_milli + tally.unknown_usage_milli
    average = divide_truncated(usage, samples)
    ratio = quotient(average, target_milli)
    scale_up_with_unready = pods.unready > 0 and ratio > 1.0
    if not scale_up_with_unready and pods.missing == 0:
        replicas = current if tolerances.allow(ratio) else ceil_int32(ratio * float(pods.counted))
        return Proposal(replicas, None, average, None, pods)
    if pods.missing and ratio != 1.0:
        usage += target_milli * pods.missing if ratio < 1.0 else 0
        samples += pods.missing
    if scale_up_with_unready:
        samples += pods.unready
    guess = quotient(divide_truncated(usage, samples), target_milli)
    replicas = _without_turning(ratio, guess, samples, current, tolerances)
    return Proposal(replicas, None, average, None, pods)


def _unusable(pods: PodCounts) -> Problem:
    """Return why a metric of pods is of no use although its API answered."""
    return Problem("no_usable_metrics", _NO_USABLE, pods)


def _percent(usage_milli: int, request_milli: int) -> int:
    """Return the utilization in whole percent, truncated: 93.9 % is 93."""
    return wrap_int32(divide_truncated(usage_milli * 100, request_milli))


def _without_turning(
    ratio: float, guess: float, samples: int, current: int, tolerances: Tolerances
) -> int:
    """Return what the guessed ratio asks for.

    Unless it contradicts the measured one or the current size.
    """
    if tolerances.allow(guess) or (ratio < 1.0 < guess) or (guess < 1.0 < ratio):
        return current
    replicas = ceil_int32(guess * float(samples))
    if (guess < 1.0 and replicas > current) or (guess > 1.0 and replicas < current):
        return current
    return replicas


def ready_pods(groups: tuple[PodGroup, ...]) -> int:
    """Return how many pods serve."""
    return sum(group.count for group in groups if group.is_ready)


def replicas_for_value(
    total_milli: int,
    current: int,
    target_milli: int,
    groups: tuple[PodGroup, ...],
    tolerances: Tolerances,
) -> Proposal | Problem:
    """Return the replicas that bring a value to `target_milli`.

    As a multiple of the pods that are ready.

    From zero there is nothing to multiply, so the ratio itself is the answer, and tolerance has no
    say.
    """
    ratio = quotient(total_milli, target_milli)
    if current == 0:
        return Proposal(ceil_int32(ratio), None, None, total_milli)
    if tolerances.allow(ratio):
        return Proposal(current, None, None, total_milli)
    if not any(group.count for group in groups):
        return Problem("no_pods", f"unable to calculate ready pods: {NO_PODS}")
    replicas = ceil_int32_clamped(ratio * float(ready_pods(groups)))
    return Proposal(replicas, None, None, total_milli)


def replicas_for_shared_value(
    total_milli: int,
    status_replicas: int,
    target_milli: int,
    tolerances: Tolerances,
    guards_overflow: bool,
) -> Proposal:
    """Return the replicas over which a value is to be shared at `target_milli` a pod.

    Within tolerance the answer is what exists (`status_replicas`), not what was last asked for. The
    controller guards against overflow for external metrics but not for those of an object.
    """
    ratio = quotient(total_milli, float(target_milli) * float(status_replicas))
    replicas = status_replicas
    if not tolerances.allow(ratio):
        shared = quotient(total_milli, target_milli)
        replicas = ceil_int32_clamped(shared) if guards_overflow else ceil_int32(shared)
    if guards_overflow and float(total_milli) >= float(MAX_INT64):
        average = MAX_INT64
    else:
        average = ceil_int64(quotient(total_milli, status_replicas))
    return Proposal(replicas, None, average)
