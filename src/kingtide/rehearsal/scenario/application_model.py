"""Applications and DaemonSets of a scenario."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Count, Millicores, Name, Seconds
from kingtide.fleet.models.amounts import Amounts
from kingtide.rehearsal.scenario.demand_model import Demand
from kingtide.rehearsal.scenario.hpa_model import Hpa
from kingtide.rehearsal.scenario.ingress_model import Requests
from kingtide.rehearsal.scenario.latency_model import Latency
from kingtide.rehearsal.scenario.local_time import LocalTime
from kingtide.rehearsal.scenario.scarcity_model import MemoryUse
from kingtide.rehearsal.scenario.workload_model import (
    DisruptionBudget,
    Job,
    Rollout,
    StatefulSet,
    Strategy,
)


class Startup(Written):
    """What happens between a container's start and its first passed readiness probe."""

    ready_after: Latency | None = None
    """How long that takes; None for at once."""
    cpu: Millicores = 0
    """CPU it uses meanwhile."""


class ApplicationOutage(Written):
    """A time in which an application answers nothing, though its pods run."""

    begin: LocalTime = Field(alias="from")
    """When it begins."""
    until: LocalTime
    """When it ends."""


class Toleration(Written):
    """A taint that pods tolerate, as in Kubernetes."""

    key: str = ""
    """The taint's key; empty with operator Exists for every taint."""
    operator: Literal["Equal", "Exists"] = "Equal"
    """Whether the value counts."""
    value: str = ""
    """The taint's value."""
    effect: Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"] = ""
    """The taint's effect; empty for every one."""


class Application(Written):
    """A Deployment under load, or a StatefulSet, a Job or a CronJob."""

    namespace: Name = "default"
    """Its namespace."""
    replicas: Count | None = None
    """Pods at the start; None for the HPA's minimum, or 1."""
    priority_class: Name = "default"
    """A priority class of the cluster; what its group of nodes says where nothing is written, or
    `default`."""
    requests: Amounts
    """What one pod requests."""
    limits: Amounts | None = None
    """Where one pod is limited; None, or an amount of 0, for no limit."""
    labels: dict[str, str] = {}
    """Labels of its pods, besides `app`."""
    annotations: dict[str, str] = {}
    """Annotations of the workload itself, as controllers read them (`downscaler/uptime`)."""
    node_group: Name | None = None
    """The application group of nodes it runs on; for a dedicated one its pods get the toleration.
    None for what the cluster says of its namespace, or for every node without a taint."""
    node_selector: dict[str, str] = {}
    """Labels that its nodes must have, besides its group's."""
    tolerations: tuple[Toleration, ...] = ()
    """Further tolerations."""
    termination_grace_period: Seconds = 30
    """How long a pod may take to end."""
    stops_after: Latency | None = None
    """How long a pod takes to end after SIGTERM; None for the kubelet.stop_containers latency."""
    startup: Startup = Startup()
    """What happens before a pod is ready."""
    hpa: Hpa | None = None
    """Its autoscaler, which takes from its group of nodes what it does not say itself; None keeps
    the number of pods."""
    demand: Demand | None = None
    """The CPU that its traffic asks for, spread over ready pods; None for `usage`."""
    usage: Millicores | None = None
    """CPU that each ready pod uses without traffic (workers, background); None for none."""
    memory_use: MemoryUse | None = None
    """What its pods hold in memory; None for what they request."""
    depends_on: Name | None = None
    """A front application through which all its traffic comes: while that is out, none comes."""
    ingress: Requests | None = None
    """The host and path by which its demand comes in; None: it lands on ready pods at once."""
    outages: tuple[ApplicationOutage, ...] = ()
    """Times in which it answers nothing."""
    disruption_budget: DisruptionBudget | None = None
    """How many of its pods must stay, or may go, when pods are evicted; None for no budget."""
    strategy: Strategy | None = None
    """How its pods are replaced when their template changes; None for Kubernetes' defaults."""
    rollouts: tuple[Rollout, ...] = ()
    """Releases: times at which its pod template changes."""
    stateful_set: StatefulSet | None = None
    """Makes it a StatefulSet: `{}` for one with Kubernetes' defaults."""
    job: Job | None = None
    """Makes it a Job, or a CronJob."""


class Namespace(Written):
    """What a namespace says of everything in it."""

    annotations: dict[str, str] = {}
    """Its annotations, as controllers read them (`downscaler/uptime`)."""
