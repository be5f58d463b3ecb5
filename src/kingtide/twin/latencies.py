"""Every latency of the twin, with its source: data, in one place, each overridable in a scenario.

A latency is a list of quantile points (parts per hundred -> milliseconds); draws interpolate
linearly between them with integers, so that results are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.twin.seed import SeedTree


class Latency(msgspec.Struct, frozen=True):
    """A latency's distribution: (percent, milliseconds) points from 0 to 100, both never falling.

    `source` says where it comes from; `assumed` is True where that is our own judgement, and then
    the published tables show their figures at half and at twice the value.
    """

    points: tuple[tuple[int, int], ...]
    source: str
    assumed: bool = False

    def at(self, parts_per_million: int) -> int:
        """Return the milliseconds at a position of the distribution."""
        low_percent, low_ms = self.points[0]
        for percent, ms in self.points[1:]:
            top = percent * 10_000
            if parts_per_million <= top:
                bottom = low_percent * 10_000
                return low_ms + (ms - low_ms) * (parts_per_million - bottom) // max(1, top - bottom)
            low_percent, low_ms = percent, ms
        return low_ms

    def scaled(self, percent: int) -> Latency:
        """Return the distribution with every value at this percentage."""
        points = tuple((p, ms * percent // 100) for p, ms in self.points)
        return Latency(points, self.source, self.assumed)

    @property
    def is_constant(self) -> bool:
        """Whether every draw gives the same."""
        return self.points[0][1] == self.points[-1][1]


def constant(milliseconds: int, source: str, *, assumed: bool = False) -> Latency:
    """Return a latency that is always the same."""
    return Latency(((0, milliseconds), (100, milliseconds)), source, assumed)


_DAEMONOLOGY = "daemonology.net 2021-08 EC2 boot time benchmarks (c5.xlarge)"

DEFAULT_LATENCIES: Mapping[str, Latency] = {
    # -- the API server and its watches
    "watch.controllers": constant(
        100, "watch delivery and cache update; judged, well below a second", assumed=True
    ),
    "watch.workloads": constant(
        50, "informer and work queue of kube-controller-manager; judged", assumed=True
    ),
    # -- scheduler
    "scheduler.bind": constant(
        4, "measured: kube-scheduler 1.36 bound 10,000 plain pods in 38 s on two cores"
    ),
    # -- ReplicaSet controller: its client writes 20 times a second
    "workloads.create_pod": constant(
        50, "kube-controller-manager --kube-api-qps 20 (v1.36 default), one create each 50 ms"
    ),
    # -- kubelet
    "kubelet.pull_image": Latency(
        ((0, 500), (50, 2_000), (90, 6_000), (100, 12_000)),
        "image mostly cached on the node; judged",
        assumed=True,
    ),
    "kubelet.start_containers": Latency(
        ((0, 1_000), (50, 1_500), (100, 3_000)),
        "kubelet pod start SLO 5 s without image pull"
        " (kubernetes/community slos/pod_startup_latency)",
    ),
    "kubelet.stop_containers": Latency(
        ((0, 500), (50, 2_000), (90, 10_000), (100, 25_000)),
        "an application finishes its requests after SIGTERM, within the default grace of 30 s;"
        " judged",
        assumed=True,
    ),
    "kubelet.report_status": constant(
        500, "kubelet status manager and API write; judged", assumed=True
    ),
    # -- node life
    "node.boot": Latency(
        ((0, 20_000), (50, 30_000), (90, 45_000), (100, 60_000)),
        f"{_DAEMONOLOGY}: 29 s from running to sshd; spread judged",
        assumed=True,
    ),
    "node.register": Latency(
        ((0, 30_000), (50, 60_000), (90, 90_000), (100, 110_000)),
        "nodeup: packages, certificates, kubelet registration of a kops node; judged so that the"
        " whole path stays within the article's 'up to 4 minutes'",
        assumed=True,
    ),
    "node.daemons_ready": Latency(
        ((0, 10_000), (50, 20_000), (90, 35_000), (100, 45_000)),
        "CNI, kube-proxy and node-local DNS images pulled and started; judged",
        assumed=True,
    ),
    "node.unreachable": constant(
        50_000,
        "kube-controller-manager --node-monitor-grace-period 50s (default since v1.32, 40s before)",
    ),
    "node.gone": constant(
        15_000,
        "cloud node lifecycle controller removes the Node after its instance; judged",
        assumed=True,
    ),
    # -- metrics
    "metrics.scrape_interval": constant(
        15_000,
        "metrics-server --metric-resolution 15s (v0.8 default), 60 s until v0.5 of 2021"
        " (kubernetes-sigs/metrics-server#734)",
    ),
    "metrics.window": constant(
        600_000,
        "the longest time over which a sample's rate is taken: since metrics-server v0.5 the rate"
        " between two scrapes, however long; before, cAdvisor's over 15 to 30 s"
        " (kubernetes-sigs/metrics-server#734, and v0.4 pkg/storage kubernetesCadvisorWindow)",
    ),
    "metrics.lag": constant(
        5_000, "from the kubelet's sample to the metrics API's answer; judged", assumed=True
    ),
    # -- cloud
    "cloud.launch": Latency(
        ((0, 5_000), (50, 10_000), (90, 18_000), (100, 25_000)),
        f"{_DAEMONOLOGY}: API call 1.5 s and pending to running 4.9 s; brevdev 2025: 16.5 s",
    ),
    "cloud.group_reaction": Latency(
        ((0, 1_000), (50, 9_000), (90, 15_000), (100, 18_000)),
        "from the request to the instance's start in the cause of published scaling activities:"
        " 5, 9, 12 and 18 s (AWS Tools for PowerShell, Get-ASScalingActivity); spread judged",
        assumed=True,
    ),
    "cloud.report_failure": Latency(
        ((0, 1_500), (50, 3_000), (90, 6_000), (100, 15_000)),
        "from the launch to the end of published Failed activities: 1.6, 2.3 and 4.9 s"
        " (kubernetes/autoscaler#1263, aws/aws-parallelcluster#1944); tail judged",
        assumed=True,
    ),
    "cloud.retry_launch": constant(
        60_000,
        "Auto Scaling retries a failed launch while desired exceeds actual; interval judged",
        assumed=True,
    ),
    "cloud.describe": constant(
        1_000, "describe calls and their eventual consistency; judged", assumed=True
    ),
    "cloud.terminate": Latency(
        ((0, 20_000), (50, 40_000), (100, 60_000)),
        "shutting-down to terminated; judged",
        assumed=True,
    ),
    "cloud.health_check": Latency(
        ((0, 1_000), (50, 15_000), (90, 45_000), (100, 60_000)),
        "from an instance's end to its group's replacing it: EC2 status is looked at about once a"
        " minute (EC2 Auto Scaling user guide, health checks); spread judged",
        assumed=True,
    ),
    "cloud.zone_rebalance": Latency(
        ((0, 60_000), (50, 180_000), (100, 300_000)),
        "how long a group's zones differ before it balances them, and between two tries; AWS says"
        " nothing; judged",
        assumed=True,
    ),
    # -- the queue of interruption messages
    "queue.delivery": Latency(
        ((0, 100), (50, 500), (90, 2_000), (100, 5_000)),
        "EventBridge: half a second from event to target is typical (AWS What's New, 2020 to 2024);"
        " tail judged",
        assumed=True,
    ),
    "queue.visibility_timeout": constant(
        20_000, "aws-node-termination-handler --sqs-msg-visibility-timeout-sec 20 (default)"
    ),
    "queue.retention": constant(
        300_000, "MessageRetentionPeriod 300 in aws-node-termination-handler's queue set-up"
    ),
}


ONE_VALUE = (
    "kubelet.report_status",
    "metrics.lag",
    "metrics.scrape_interval",
    "metrics.window",
    "scheduler.bind",
    "watch.controllers",
    "watch.workloads",
    "workloads.create_pod",
)
"""Latencies that a run knows one value of: a component's pace, not a wait of each pod. A spread
over them would be drawn once, so it is refused."""


class UnknownLatency(KeyError):
    """A latency name that does not exist."""


class LatencyTable:
    """The latencies of one run: defaults with a scenario's overrides, drawn from the seed tree."""

    def __init__(self, seeds: SeedTree, overrides: Mapping[str, Latency] | None = None) -> None:
        self._seeds = seeds
        self._table = dict(DEFAULT_LATENCIES)
        for name, latency in (overrides or {}).items():
            if name not in self._table:
                raise UnknownLatency(name)
            self._table[name] = latency

    def draw_ms(self, name: str, entity: str, number: int = 0) -> int:
        """Return the milliseconds that this entity's number-th wait of this kind takes."""
        latency = self._table[name]
        if latency.is_constant:
            return latency.points[0][1]
        return latency.at(self._seeds.below(1_000_001, f"latency/{name}", entity, number))

    def __getitem__(self, name: str) -> Latency:
        return self._table[name]
