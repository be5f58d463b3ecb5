"""`kind: Rehearsal`, whole: cluster, time, applications, policies, cloud, expectations."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from pydantic import Field, create_model

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import (
    Count,
    DurationMs,
    Name,
    PositiveDurationMs,
    PositiveSeconds,
    Switch,
)
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.models.daemon_set import DaemonSet
from kingtide.fleet.models.metadata import Metadata
from kingtide.fleet.policies.disruption import DisruptionPolicy
from kingtide.fleet.policies.hpa import HpaPolicy
from kingtide.fleet.policies.scheduler import SchedulerPolicy
from kingtide.fleet.policies.written import written_model
from kingtide.rehearsal.scenario.application_model import Application, Namespace
from kingtide.rehearsal.scenario.cloud_model import Cloud
from kingtide.rehearsal.scenario.dns_model import Dns
from kingtide.rehearsal.scenario.ingress_model import Ingress
from kingtide.rehearsal.scenario.latency_model import Latency
from kingtide.rehearsal.scenario.local_time import LocalDateTime, LocalTime, Timezone
from kingtide.rehearsal.scenario.scarcity_model import Contention
from kingtide.roster.registry import CONTROLLERS


def _switchable(policy: type[msgspec.Struct], without: tuple[str, ...] = ()) -> type[Any]:
    """Return a policy's written form with `enabled`."""
    return create_model(
        f"Switchable{policy.__name__}",
        __base__=written_model(policy, without),
        __doc__=policy.__doc__,
        enabled=(Switch, Field(default=True, description="False takes the controller away.")),
    )


_HPA = written_model(HpaPolicy)
_SCHEDULER = written_model(SchedulerPolicy)
_DISRUPTION = written_model(DisruptionPolicy)


class _SharedPolicies(Written):
    """Settings of controllers, laid over the cluster's."""

    hpa: _HPA | None = None  # type: ignore[valid-type]  # made from the policy's struct
    """What holds for every HorizontalPodAutoscaler that says nothing else."""
    scheduler: _SCHEDULER | None = None  # type: ignore[valid-type]  # as above
    """How pending pods are tried."""
    disruption: _DISRUPTION | None = None  # type: ignore[valid-type]  # as above
    """How many nodes all controllers together may disrupt at once."""


def _controllers() -> dict[str, Any]:
    """Return a field for the settings of every controller that a world can run."""
    return {
        key: (
            _switchable(it.policy, it.derived) | None,
            Field(default=None, alias=key, description=it.about),
        )
        for key, it in CONTROLLERS.items()
    }


Policies = create_model(
    "Policies", __base__=_SharedPolicies, __doc__=_SharedPolicies.__doc__, **_controllers()
)


class RehearsalSpec(Written):
    """An evening to rehearse. Paths are relative to the file that names them."""

    fleet: str
    """The folder of the fleet's files."""
    cluster: Name
    """The cluster of that fleet."""
    cluster_spec: ClusterSpec | None = None
    """Changes to the cluster's spec for this rehearsal, laid over it as a cluster's are over its
    class."""
    start: LocalDateTime
    """The local date and time at which recording starts."""
    timezone: Timezone
    """The zone of every time in this file."""
    duration: PositiveDurationMs | None = None
    """How long it runs; or write `end`."""
    end: LocalTime | None = None
    """When it ends; or write `duration`."""
    warm_up: DurationMs = 600_000
    """Time before the start in which the cluster settles, unrecorded."""
    step: PositiveSeconds = 15
    """Time between two values of a recorded series; durations and maxima in the figures are exact
    all the same."""
    initial_nodes: dict[str, Count] = {}
    """Nodes at the start by Auto Scaling group (`spot-nodes-workers-4x`); others start with their
    minimum."""
    applications: dict[Name, Application]
    """Applications by name."""
    daemon_sets: dict[Name, DaemonSet] = {}
    """DaemonSets by name, besides the cluster's; null takes one of those away."""
    namespaces: dict[Name, Namespace] = {}
    """Namespaces that say something of what is in them, by name, besides the cluster's."""
    policies: Policies = Policies()  # type: ignore[valid-type]  # made from the registry
    """Settings of controllers."""
    cloud: Cloud = Cloud()
    """What the cloud does."""
    contention: Contention | None = None
    """What a lack of CPU does; None: pods that lack CPU are slow and nothing else. `{}` takes the
    defaults."""
    dns: Dns | None = None
    """What requests ask of the cluster's DNS; None: names are there."""
    ingress: Ingress | None = None
    """The proxy before applications with an `ingress`; None takes the defaults."""
    latencies: dict[str, Latency] = {}
    """Latencies that differ from the defaults, by name."""
    latencies_from: str | None = None
    """A file of kind Latencies that lies below `latencies`, to be shared by scenarios."""
    seed: Count = 1
    """Where every chance comes from: same seed, same evening."""
    expect: tuple[str, ...] = ()
    """What must come out, for example `unavailable.high.max_seconds <= 15s`."""
    notes: tuple[str, ...] = ()
    """Assumptions that a reader of the report must know."""


class Rehearsal(Written):
    """A scenario."""

    api_version: Literal["fleet.kingtide.dev/v1alpha1"]
    kind: Literal["Rehearsal"]
    extends: str | None = None
    """Another scenario that lies below this one: maps merge, everything else replaces, null
    removes."""
    metadata: Metadata
    spec: RehearsalSpec
