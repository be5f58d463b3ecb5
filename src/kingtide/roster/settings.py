"""Settings of a cluster's controllers: what its files say over the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from kingtide.control.budget import BudgetUnreadable, read_budget
from kingtide.fleet.documents.merge import laid_over
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Node, node_at, place_of
from kingtide.fleet.documents.validation import read
from kingtide.fleet.downscale_timetable import downscaling_settings
from kingtide.fleet.pause_pods import PAUSE_NAMESPACE, pause_name
from kingtide.fleet.policies.disruption import DisruptionPolicy
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.fleet.policies.safety import SafetyPolicy
from kingtide.fleet.policies.written import policy_from, written_model, written_name
from kingtide.fleet.repository import LayeredCluster
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.roster.registry import CONTROLLERS, ControllerRun

P = TypeVar("P", bound=msgspec.Struct)

CLUSTER_KEYS: Mapping[str, str] = {"nodeAutoscaling": "autoscaler"}
"""Where a cluster's file has the settings of a controller, if not under its own key."""
PER_GROUP = "overprovisioning"
TIMETABLE = "downscaling"
_DERIVED = (PER_GROUP, TIMETABLE)
"""Controllers whose settings follow from other parts of a cluster's file."""


def layered(
    policy: type[P],
    cluster: Node | None,
    own: Node | None,
    derived: Mapping[str, Any],
    without_fields: tuple[str, ...] = (),
) -> P:
    """Return a policy: what `own` writes over what `cluster` writes over `derived` values.

    Raises:
        Mistakes: a value that its field does not take.
    """
    findings = Findings()
    written, _ = read(written_model(policy, without_fields), laid_over(cluster, own), findings)
    findings.raise_if_any()
    return policy_from(policy, written, derived)


def written_for(cluster: Node, key: str) -> Node | None:
    """Return what a cluster's tree says of a controller, None where it says nothing."""
    return node_at(cluster, (CLUSTER_KEYS.get(key, key),))


def disruption_policy(cluster: Node, own: Node | None = None) -> DisruptionPolicy:
    """Return the disruption budgets that all controllers share.

    Raises:
        Mistakes: budgets that cannot be read.
    """
    written = laid_over(node_at(cluster, ("disruption",)), own)
    policy = layered(DisruptionPolicy, None, written, {})
    findings = Findings()
    for place, budget in enumerate(policy.budgets):
        try:
            read_budget(budget)
        except BudgetUnreadable as error:
            at = ("budgets", place, written_name(error.field))
            findings.add(place_of(written, at), ("disruption", *at), str(error))
    findings.raise_if_any()
    return policy


def safety_policy(cluster: Node) -> SafetyPolicy:
    """Return the bounds of what a live process does to a cluster.

    Raises:
        Mistakes: bounds that cannot be read.
    """
    return layered(SafetyPolicy, node_at(cluster, ("safety",)), None, {})


def of_pause_pods(group: str) -> Mapping[str, Any]:
    """Return the settings of overprovisioning that follow from the group of nodes it is for."""
    name = f"{PAUSE_NAMESPACE}/{pause_name(group)}"
    return {"deployment": name, "config_map": name, "node_labels": ((GROUP_LABEL, group),)}


def cluster_runs(cluster: LayeredCluster) -> tuple[ControllerRun, ...]:
    """Return the controllers that a cluster's files ask for.

    Node autoscaling runs on every cluster, overprovisioning once for each group that has pause
    pods, downscaling where there is a timetable, the others where the cluster names them.

    Raises:
        Mistakes: settings that cannot be read.
    """
    spec = cluster.spec
    found: list[ControllerRun] = []
    for key, it in CONTROLLERS.items():
        written = written_for(cluster.node, key)
        if key not in _DERIVED and (it.runs_unasked or written is not None):
            found.append(ControllerRun(key, layered(it.policy, written, None, {}, it.derived)))
    found += [
        ControllerRun(PER_GROUP, OverprovisioningPolicy(**of_pause_pods(group)))
        for group in spec.overprovisioning
    ]
    if spec.downscale is not None:
        settings = downscaling_settings(spec.downscale)
        found.append(ControllerRun(TIMETABLE, DownscalingPolicy(**settings)))
    elif any(group.downscale is not None for group in spec.node_groups.values()):
        found.append(ControllerRun(TIMETABLE, DownscalingPolicy()))
    return tuple(found)
