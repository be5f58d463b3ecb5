"""The pods an autoscaler looks at, and which of them a metric may count.

Pods that share everything but their usage are one `PodGroup`, so that a pass costs as much as there
are kinds of pods, not as there are pods. Nothing here rounds, so grouping never changes a result.

Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/replica_calculator.go
(`groupPods`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.controlplane.hpa.requests import MissingRequest
from kingtide.kube.pods import Condition, PodPhase


class PodSample(msgspec.Struct, frozen=True, gc=False):
    """What a metrics API says of one group of pods.

    `usage_milli_total` is the sum over the pods of the group, each already truncated to its own
    milli-units (millicores, thousandths of a byte, thousandths of a custom metric). `at_ms` is the
    end of the measured window and `window_ms` its length; both only matter to cpu.
    """

    usage_milli_total: int
    at_ms: int
    window_ms: int


class PodGroup(msgspec.Struct, frozen=True, gc=False):
    """Pods that share everything but usage. Times are milliseconds on the caller's axis.

    `start_ms` is status.startTime and `ready` the Ready condition, None before the kubelet wrote
    them; `deleting` says that a deletionTimestamp is set; `request_milli` is each pod's request of
    the measured resource, or why there is none (metrics that are not resources never look at it);
    `sample` is None when the metrics API does not list these pods.
    """

    count: int
    phase: PodPhase = "Running"
    start_ms: int | None = None
    ready: Condition | None = None
    deleting: bool = False
    request_milli: int | MissingRequest = 0
    sample: PodSample | None = None

    @property
    def is_ready(self) -> bool:
        """Whether these pods serve.

        Running with Ready True, whether or not they are being deleted.
        """
        return self.phase == "Running" and self.ready is not None and self.ready.status == "True"


PodVerdict = Literal["counted", "unready", "missing", "ignored"]
"""What a metric makes of a pod.

counted: its sample is used. unready: its sample is dropped, and it weighs nothing on the way up.
missing: it has no sample, and the worst is assumed of it. ignored: it is on its way out and plays
no part.
"""


class PodCounts(msgspec.Struct, frozen=True, gc=False):
    """How many pods got each verdict."""

    counted: int
    unready: int
    missing: int
    ignored: int

    @property
    def total(self) -> int:
        """How many pods the selector returned."""
        return self.counted + self.unready + self.missing + self.ignored


def pod_verdict(
    group: PodGroup,
    is_cpu: bool,
    now_ms: int,
    cpu_initialization_ms: int,
    initial_readiness_delay_ms: int,
) -> PodVerdict:
    """Return what a metric makes of the pods of a group.

    Only cpu looks at readiness, because starting up costs cpu that the load does not explain.
    Within `cpu_initialization_ms` of its start a pod counts once it is not unready and one whole
    window was measured since it last changed; later a pod is unready only if it has never been
    ready, which is guessed from Ready being False since less than `initial_readiness_delay_ms`
    after its start.
    """
    if group.deleting or group.phase == "Failed":
        return "ignored"
    if group.phase == "Pending":
        return "unready"
    sample = group.sample
    if sample is None:
        return "missing"
    if not is_cpu:
        return "counted"
    ready = group.ready
    start_ms = group.start_ms
    if ready is None or start_ms is None:
        return "unready"
    if start_ms + cpu_initialization_ms > now_ms:
        unready = ready.status == "False" or sample.at_ms < ready.since_ms + sample.window_ms
    else:
        unready = ready.status == "False" and start_ms + initial_readiness_delay_ms > ready.since_ms
    return "unready" if unready else "counted"
