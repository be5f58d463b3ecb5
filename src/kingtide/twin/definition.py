"""What a world is made of: the value from which a twin is built, complete and immutable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeVar

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Lifecycle
from kingtide.controlplane.hpa.model import HpaControllerConfig, HpaSpec
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.fleet.policies.disruption import DisruptionPolicy
from kingtide.fleet.policies.scheduler import SchedulerPolicy
from kingtide.kube.jobs import ConcurrencyPolicy, JobSpec
from kingtide.kube.namespaces import Namespace
from kingtide.kube.nodes import Node
from kingtide.kube.pods import PodTemplate
from kingtide.kube.taints import Taint
from kingtide.kube.workloads import ConfigMap, DaemonSet, PodDisruptionBudget, PriorityClass
from kingtide.roster.registry import ControllerRun
from kingtide.twin.cloud_conditions import CloudConditions
from kingtide.twin.dns_conditions import DnsConditions
from kingtide.twin.latencies import Latency
from kingtide.twin.requests import IngressTraffic, Requests

P = TypeVar("P", bound=msgspec.Struct)


class NodeGroup(msgspec.Struct, frozen=True):
    """An Auto Scaling group and what its nodes look like once they join."""

    group: AutoScalingGroup
    labels: Mapping[str, str] = {}
    taints: tuple[Taint, ...] = ()
    running: int = 0
    """Instances already in service, joined and Ready when the world starts, spread over zones and
    types."""


class DemandPoint(msgspec.Struct, frozen=True):
    """A point of a demand curve, linear in between."""

    at_ms: int
    millicores: int


class Autoscaler(msgspec.Struct, frozen=True):
    """An application's HorizontalPodAutoscaler with its controller's flags."""

    spec: HpaSpec
    config: HpaControllerConfig
    annotations: Mapping[str, str] = {}


class Outage(msgspec.Struct, frozen=True):
    """A time in which an application answers nothing, though its pods run."""

    from_ms: int
    until_ms: int


class Rollout(msgspec.Struct, frozen=True):
    """Another pod template for a Deployment or StatefulSet from an instant on."""

    at_ms: int
    template: PodTemplate


class UpdateStrategy(msgspec.Struct, frozen=True):
    """How a Deployment's pods are replaced; the fields are those of the kube struct."""

    strategy: Literal["RollingUpdate", "Recreate"] = "RollingUpdate"
    max_surge: str = "25%"
    max_unavailable: str = "25%"
    min_ready_seconds: int = 0
    progress_deadline_seconds: int | None = 600


class Ordered(msgspec.Struct, frozen=True):
    """What makes a StatefulSet of an application; the fields are those of the kube struct."""

    pod_management_policy: Literal["OrderedReady", "Parallel"] = "OrderedReady"
    update_strategy: Literal["RollingUpdate", "OnDelete"] = "RollingUpdate"
    partition: int = 0
    max_unavailable: str = "1"
    min_ready_seconds: int = 0


class Timetable(msgspec.Struct, frozen=True):
    """When a CronJob runs; the fields are those of the kube struct."""

    schedule: str
    time_zone: str | None = None
    concurrency_policy: ConcurrencyPolicy = "Allow"
    starting_deadline_seconds: int | None = None
    successful_jobs_history_limit: int = 3
    failed_jobs_history_limit: int = 1


class Batch(msgspec.Struct, frozen=True):
    """What makes a Job of an application, or with a timetable a CronJob.

    `runs_for` is how long a pod works from its containers' start; `fail_percent` of the pods end in
    failure. The Job's own template is the application's. `begins_ms` is when a Job without a
    timetable is created; None for the start of the world.
    """

    job: JobSpec
    runs_for: Latency
    fail_percent: int = 0
    begins_ms: int | None = None
    timetable: Timetable | None = None


class MemoryUse(msgspec.Struct, frozen=True):
    """What a pod of an application holds in memory.

    `base_bytes` always, `bytes_per_core` for each core it uses, and `startup_bytes` on top for
    `startup_ms` from its containers' start (a cache that is filled, a log that is replayed).
    """

    base_bytes: int
    bytes_per_core: int = 0
    startup_bytes: int = 0
    startup_ms: int = 0


class Contention(msgspec.Struct, frozen=True):
    """What a lack of CPU does to readiness probes and to nodes. Times in milliseconds.

    A pod that gets less than `slow_below_percent` of the CPU it wants answers its probe too late;
    `failure_threshold` probes in a row take it out of service, `success_threshold` put it back. A
    node whose pods want `crowded_percent` of its CPU or more for `node_not_ready_after_ms` stops
    reporting; it is back when they have wanted no more than it has for `node_ready_after_ms`.
    """

    slow_below_percent: int = 50
    probe_period_ms: int = 10_000
    failure_threshold: int = 3
    success_threshold: int = 1
    crowded_percent: int = 150
    node_not_ready_after_ms: int = 40_000
    node_ready_after_ms: int = 20_000


class Application(msgspec.Struct, frozen=True):
    """A Deployment under load, or a StatefulSet, Job or CronJob. Times in milliseconds.

    `demand` empty means a constant use of `idle_millicores` a pod (workers, background);
    `ready_after_ms` is the application's own start-up from container start to its first passed
    readiness probe; `startup_millicores` is what a pod uses until then; `stops_after_ms` is how
    long it takes to end after SIGTERM (None: the kubelet's `kubelet.stop_containers`), cut by the
    pod's grace period; `depends_on` names a front application (`namespace/name`) through which all
    this one's traffic comes: in the front's outages there is none, and afterwards all of it is back
    at once.
    """

    namespace: str
    name: str
    priority_class: str
    template: PodTemplate
    replicas: int
    demand: tuple[DemandPoint, ...] = ()
    idle_millicores: int = 0
    ready_after_ms: Latency | None = None
    startup_millicores: int = 0
    stops_after_ms: Latency | None = None
    autoscaler: Autoscaler | None = None
    depends_on: str | None = None
    outages: tuple[Outage, ...] = ()
    update: UpdateStrategy = UpdateStrategy()
    rollouts: tuple[Rollout, ...] = ()
    ordered: Ordered | None = None
    """None unless it is a StatefulSet."""
    batch: Batch | None = None
    """None unless it is a Job or a CronJob, whose `replicas` then count for nothing."""
    memory: MemoryUse | None = None
    """None: it holds what it requests, and is never killed for it."""
    annotations: Mapping[str, str] = {}
    """Of the workload itself, not of its pods."""
    requests: Requests | None = None
    """How its demand comes in by the ingress; None: it lands on ready pods at once."""

    @property
    def owner_kind(self) -> Literal["ReplicaSet", "StatefulSet", "Job"]:
        """The kind of the controller that owns its pods."""
        if self.ordered is not None:
            return "StatefulSet"
        return "ReplicaSet" if self.batch is None else "Job"

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class PoolOutage(msgspec.Struct, frozen=True):
    """Capacity pools that have no capacity from one instant to another (`until_ms` None.

    To the end).
    """

    pools: tuple[CapacityPool, ...]
    from_ms: int
    until_ms: int | None


class PriceOverride(msgspec.Struct, frozen=True):
    """What an instance type costs in one market, instead of what the price table says."""

    instance_type: str
    lifecycle: Lifecycle
    micro_usd_per_hour: int


class WorldDefinition(msgspec.Struct, frozen=True):
    """Everything a run depends on. Same definition, same trace hash."""

    cluster_name: str
    seed: int
    start_ms: int
    end_ms: int
    node_groups: tuple[NodeGroup, ...]
    applications: tuple[Application, ...]
    daemon_sets: tuple[DaemonSet, ...] = ()
    priority_classes: tuple[PriorityClass, ...] = ()
    config_maps: tuple[ConfigMap, ...] = ()
    fixed_nodes: tuple[Node, ...] = ()
    outages: tuple[PoolOutage, ...] = ()
    latencies: Mapping[str, Latency] = {}
    prices: tuple[PriceOverride, ...] = ()
    cloud: CloudConditions = CloudConditions()
    controllers: tuple[ControllerRun, ...] = ()
    """Ours, in the order in which they first look; several runs of one controller are numbered."""
    disruption: DisruptionPolicy = DisruptionPolicy()
    """How many nodes the controllers together may disrupt at once."""
    scheduler: SchedulerPolicy = SchedulerPolicy()
    disruption_budgets: tuple[PodDisruptionBudget, ...] = ()
    namespaces: tuple[Namespace, ...] = ()
    """Those that say something of what is in them; others need not stand here."""
    contention: Contention | None = None
    """None: pods that lack CPU are slow and nothing else."""
    dns: DnsConditions | None = None
    """None: names are there."""
    admission: AdmissionPolicy | None = None
    """What new pods get that lack it, and what the API refuses; None: nobody looks."""
    ingress: IngressTraffic | None = None
    """The proxy before applications with `requests`; None: there is none."""
    warm_up_ms: int = 0
    """The world runs this long before `start_ms` to settle; nothing of it is recorded."""

    def policies(self, key: str, kind: type[P]) -> tuple[P, ...]:
        """Return the settings of all runs of one controller; none: it does not run."""
        return tuple(
            run.policy
            for run in self.controllers
            if run.key == key and isinstance(run.policy, kind)
        )
