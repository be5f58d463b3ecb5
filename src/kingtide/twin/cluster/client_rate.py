"""The rate limit of a control plane component's API client: a token bucket in virtual time."""

from __future__ import annotations

from kingtide.twin.latencies import LatencyTable

# kube-controller-manager --kube-api-burst (v1.36 default).
BURST = 30


def workloads_rate(latencies: LatencyTable, controller: str) -> ClientRate:
    """Return the rate of a workload controller, each of which has a client of its own."""
    return ClientRate(latencies.draw_ms("workloads.create_pod", controller), BURST)


class ClientRate:
    """client-go's limiter: `burst` calls at once, then one each `interval_ms`.

    Source: client-go flowcontrol (v1.36); kube-controller-manager gives each controller its own
        client with
    --kube-api-qps 20 and --kube-api-burst 30.
    """

    def __init__(self, interval_ms: int, burst: int) -> None:
        self._interval_ms = interval_ms
        self._burst = burst
        self._full_at_ms = 0

    def reserve(self, now_ms: int) -> int:
        """Take one token and return when the call may be made."""
        self._full_at_ms = max(self._full_at_ms, now_ms) + self._interval_ms
        return max(now_ms, self._full_at_ms - self._burst * self._interval_ms)
