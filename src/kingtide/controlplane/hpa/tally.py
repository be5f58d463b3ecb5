"""The one pass over the pods: how many got which verdict, and what they use and request."""

from __future__ import annotations

from kingtide.controlplane.hpa.pods import PodCounts, PodGroup, pod_verdict
from kingtide.controlplane.hpa.requests import MissingRequest

FULL_REQUEST_PERCENT = 100
"""A pod without a sample is assumed to use all of its request, or the target where that is more."""


class Tally:
    """Sums over all pods of one metric, all in milli-units.

    `pods` counts the selected pods and `unknown` the samples of pods that are not selected;
    `missing_fill_milli` is what missing pods are assumed to use on the way down, truncated pod by
    pod; `missing_request` is the first reason why some selected pod (whatever its verdict) has no
    request, None when all have one.
    """

    __slots__ = (
        "counted",
        "counted_request_milli",
        "counted_usage_milli",
        "ignored",
        "missing",
        "missing_fill_milli",
        "missing_request",
        "missing_request_milli",
        "pods",
        "unknown",
        "unknown_usage_milli",
        "unready",
        "unready_request_milli",
    )

    def __init__(self, unknown: int, unknown_usage_milli: int) -> None:
        """Start with the samples of unknown pods only."""
        self.pods = 0
        self.counted = 0
        self.unready = 0
        self.missing = 0
        self.ignored = 0
        self.unknown = unknown
        self.counted_usage_milli = 0
        self.counted_request_milli = 0
        self.unready_request_milli = 0
        self.missing_request_milli = 0
        self.missing_fill_milli = 0
        self.unknown_usage_milli = unknown_usage_milli
        self.missing_request: MissingRequest | None = None

    def pod_counts(self) -> PodCounts:
        """How many pods got each verdict."""
        return PodCounts(self.counted, self.unready, self.missing, self.ignored)


def tally_pods(
    groups: tuple[PodGroup, ...],
    unknown: int,
    unknown_usage_milli: int,
    is_cpu: bool,
    target_percent: int,
    now_ms: int,
    cpu_initialization_ms: int,
    initial_readiness_delay_ms: int,
) -> Tally:
    """Sort the pods and add them up; `target_percent` is 0 for targets that are no utilization."""
    tally = Tally(unknown, unknown_usage_milli)
    fill_percent = max(FULL_REQUEST_PERCENT, target_percent)
    for group in groups:
        count = group.count
        if count == 0:
            continue
        request_milli = group.request_milli
        if isinstance(request_milli, MissingRequest):
            tally.missing_request = tally.missing_request or request_milli
            request_milli = 0
        tally.pods += count
        verdict = pod_verdict(
            group, is_cpu, now_ms, cpu_initialization_ms, initial_readiness_delay_ms
        )
        if verdict == "counted":
            tally.counted += count
            tally.counted_request_milli += count * request_milli
            if group.sample is not None:
                tally.counted_usage_milli += group.sample.usage_milli_total
        elif verdict == "unready":
            tally.unready += count
            tally.unready_request_milli += count * request_milli
        elif verdict == "missing":
            tally.missing += count
            tally.missing_request_milli += count * request_milli
            tally.missing_fill_milli += count * (request_milli * fill_percent // 100)
        else:
            tally.ignored += count
    return tally
