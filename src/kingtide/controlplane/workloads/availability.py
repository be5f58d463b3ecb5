"""When a pod counts as available: Ready for long enough.

Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#min-ready-seconds
(v1.36).
"""

from __future__ import annotations

from kingtide.kube.pods import Pod


def available_from_ms(pod: Pod, min_ready_seconds: int) -> int | None:
    """Return when a pod is or becomes available if it stays as it is, None while it is not Ready.

    A pod that is being deleted stays available until it is no longer Ready, as in IsPodAvailable
    (pkg/api/v1/pod/util.go, v1.36).
    """
    if pod.ready is None or not pod.is_ready:
        return None
    return pod.ready.since_ms + 1000 * min_ready_seconds


def is_available(pod: Pod, min_ready_seconds: int, now_ms: int) -> bool:
    """Return whether a pod has been Ready for `min_ready_seconds`."""
    from_ms = available_from_ms(pod, min_ready_seconds)
    return from_ms is not None and from_ms <= now_ms
