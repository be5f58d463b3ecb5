"""Controllers' settings of one rehearsal: the scenario's over the cluster's over the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from kingtide.fleet.documents.tree import Node, Scalar, node_at, without
from kingtide.fleet.policies.disruption import DisruptionPolicy
from kingtide.fleet.policies.hpa import HpaPolicy
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.fleet.policies.scheduler import SchedulerPolicy
from kingtide.rehearsal.scenario.read import Scenario
from kingtide.roster import settings
from kingtide.roster.registry import CONTROLLERS, ControllerRun
from kingtide.roster.settings import layered, written_for

P = TypeVar("P", bound=msgspec.Struct)

_ELSEWHERE = ("nodeAutoscaling", "overprovisioning", "downscaling")
"""Controllers whose settings follow from the cluster too, each built in a function of its own."""


def hpa_policy(scenario: Scenario) -> HpaPolicy:
    """Return what holds for every autoscaler that says nothing else."""
    cluster = node_at(scenario.cluster.node, ("hpa",))
    return layered(HpaPolicy, cluster, _own(scenario, "hpa"), {})


def node_autoscaling_policy(scenario: Scenario) -> NodeAutoscalingPolicy | None:
    """Return node autoscaling's settings, None when the scenario takes it away."""
    key = "nodeAutoscaling"
    if not runs(scenario, key):
        return None
    cluster = _of_cluster(scenario, key)
    return layered(NodeAutoscalingPolicy, cluster, _own(scenario, key), {})


def scheduler_policy(scenario: Scenario) -> SchedulerPolicy:
    """Return how pending pods are tried."""
    return layered(SchedulerPolicy, None, _own(scenario, "scheduler"), {})


def disruption_policy(scenario: Scenario) -> DisruptionPolicy:
    """Return the shared disruption budgets.

    Raises:
        Mistakes: budgets that cannot be read.
    """
    return settings.disruption_policy(scenario.cluster.node, _own(scenario, "disruption"))


def overprovisioning_policy(
    scenario: Scenario, derived: Mapping[str, Any]
) -> OverprovisioningPolicy | None:
    """Return overprovisioning's settings of one group, None when the scenario takes it away."""
    key = "overprovisioning"
    if not runs(scenario, key):
        return None
    own = _own(scenario, key)
    return layered(OverprovisioningPolicy, None, own, derived, CONTROLLERS[key].derived)


def other_controllers(scenario: Scenario) -> tuple[ControllerRun, ...]:
    """Return the controllers whose settings follow from nothing else, as far as they run.

    One of which the cluster says something runs there, and so it does here.
    """
    return tuple(
        ControllerRun(
            key, layered(it.policy, _of_cluster(scenario, key), _own(scenario, key), {}, it.derived)
        )
        for key, it in CONTROLLERS.items()
        if key not in _ELSEWHERE
        and runs(scenario, key, unasked=_of_cluster(scenario, key) is not None)
    )


def layered_policy(policy: type[P], scenario: Scenario, key: str, derived: Mapping[str, Any]) -> P:
    """Return a controller's settings: what a scenario writes over what follows from its cluster."""
    return layered(policy, None, _own(scenario, key), derived)


def runs(scenario: Scenario, key: str, *, unasked: bool = False) -> bool:
    """Return whether a controller runs: as written, otherwise as the registry has it.

    `unasked` says that something else in the scenario asks for it.
    """
    own = node_at(scenario.node, ("spec", "policies", key))
    if own is None or (isinstance(own, Scalar) and own.value is None):
        return unasked or CONTROLLERS[key].runs_unasked
    written = getattr(scenario.spec.policies, key)
    return written is None or bool(written.enabled)


def _of_cluster(scenario: Scenario, key: str) -> Node | None:
    return written_for(scenario.cluster.node, key)


def _own(scenario: Scenario, name: str) -> Node | None:
    own = node_at(scenario.node, ("spec", "policies", name))
    return None if own is None else without(own, ("enabled",))
