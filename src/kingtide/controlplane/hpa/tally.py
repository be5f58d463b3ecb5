"""The one pass over the pods: how many got which verdict, and what they use and request."""

from __future__ import annotations

import msgspec

from kingtide.controlplane.hpa.pods import PodCounts, pod_verdict
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.requests import MissingRequest

FULL_REQUEST_PERCENT = 100
"""A pod without a sample is assumed to use all of its request, or the target where that is more."""


class Tally(msgspec.Struct, frozen=True, gc=False):
    """Sums over all pods of one metric, all in milli-units.

    `unknown` counts samples of pods that are not selected, `is_listed` says whether the metrics API
    returned any sample, usable or not. `missing_fill_milli` is what missing pods are assumed to use
    on the way down, truncated pod by pod. `without_request` is the first reason why some selected
    pod (whatever its verdict) has no request, None when all have one.
    """

    pods: PodCounts
    unknown: int
    is_listed: bool
    counted_usage_milli: int
    unknown_usage_milli: int
    counted_request_milli: int
    unready_request_milli: int
    missing_request_milli: int
    missing_fill_milli: int
    without_request: MissingRequest | None


def tally_pods(
    reading: MetricReading,
    is_cpu: bool,
    target_percent: int,
    now_ms: int,
    cpu_initialization_ms: int,
    initial_readiness_delay_ms: int,
) -> Tally:
    """Sort the pods and add them up; `target_percent` is 0 for targets that are no utilization."""
    # Local sums instead of fields: this loop is where the passes of a whole fleet spend their time.
    counted = unready = missing = ignored = 0
    usage = counted_request = unready_request = missing_request = fill = 0
    without_request: MissingRequest | None = None
    is_listed = reading.unknown_pods > 0
    fill_percent = max(FULL_REQUEST_PERCENT, target_percent)
    for group in reading.groups:
        count = group.count
        if count == 0:
            continue
        sample = group.sample
        if sample is not None:
            is_listed = True
        request = group.request_milli
        if not isinstance(request, int):
            without_request = without_request or request
            request = 0
        verdict = pod_verdict(
            group, is_cpu, now_ms, cpu_initialization_ms, initial_readiness_delay_ms
        )
        if verdict == "counted":
            counted += count
            counted_request += count * request
            usage += 0 if sample is None else sample.usage_milli_total
        elif verdict == "unready":
            unready += count
            unready_request += count * request
        elif verdict == "missing":
            missing += count
            missing_request += count * request
            fill += count * (request * fill_percent // 100)
        else:
            ignored += count
    return Tally(
        PodCounts(counted, unready, missing, ignored),
        reading.unknown_pods,
        is_listed,
        usage,
        reading.unknown_usage_milli,
        counted_request,
        unready_request,
        missing_request,
        fill,
        without_request,
    )
