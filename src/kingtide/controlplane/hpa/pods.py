"""The pods an autoscaler looks at, and which of them a metric may count.

Pods that share everything but their usage are one `PodGroup`, so that a pass costs as much as there are kinds of
pods, not as there are pods. Nothing here rounds, so grouping never changes a result.
"""

from __future__ import annotations

import msgspec

from kingtide.controlplane.hpa.requests import MissingRequest
from kingtide.kube.pods import Condition, PodPhase


class PodSample(msgspec.Struct, frozen=True, gc=False):
    """What a metrics API says of one group of pods.

    `usage_milli_total` is the sum over the pods of the group, each already truncated to its own milli-units
    (millicores, thousandths of a byte, thousandths of a custom metric). `at_ms` is the end of the measured
    window and `window_ms` its length; both only matter to cpu.
    """

    usage_milli_total: int
    at_ms: int
    window_ms: int


class PodGroup(msgspec.Struct, frozen=True, gc=False):
    """Pods that share everything but usage. Times are milliseconds on the caller's axis.

    `start_ms` is status.startTime and `ready` the Ready condition, None before the kubelet wrote them;
    `deleting` says that a deletionTimestamp is set; `request_milli` is each pod's request of the measured
    resource, or why there is none (metrics that are not resources never look at it); `sample` is None when the
    metrics API does not list these pods.
    """

    count: int
    phase: PodPhase = "Running"
    start_ms: int | None = None
    ready: Condition | None = None
    deleting: bool = False
    request_milli: int | MissingRequest = 0
    sample: PodSample | None = None
