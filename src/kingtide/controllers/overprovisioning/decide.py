"""One pass of overprovisioning: as many pause pods as the cluster's size asks for.

No hysteresis and no rate limit, as in cluster-proportional-autoscaler: the ladder itself is the
damping.
"""

from __future__ import annotations

from kingtide.control.action import PatchScale
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.proportional.cluster_size import ClusterSize, recount
from kingtide.control.proportional.memory import SizingMemory
from kingtide.control.proportional.patch import patch_to
from kingtide.control.report import Report, Verdict
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.overprovisioning import report
from kingtide.controllers.overprovisioning.configuration import (
    ConfigurationError,
    read_config_map,
)
from kingtide.controllers.overprovisioning.replicas import replicas_for
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy


def decide(
    snapshot: Snapshot,
    policy: OverprovisioningPolicy,
    memory: SizingMemory,
    now_ms: int,
    chance: Chance,
) -> Decision[SizingMemory]:
    """Decide one pass; times are milliseconds since the Unix epoch."""
    del chance  # nothing here is left to chance
    cluster = snapshot.cluster
    touched, cursor = cluster.nodes_touched_since(memory.cursor)
    tally = recount(memory.tally, cluster.nodes, touched, policy.node_labels)
    size = tally.size
    actions, verdict = _scale(snapshot, policy, size)
    said = report.gist(verdict)
    return Decision(
        memory=SizingMemory(cursor, tally, said),
        actions=actions,
        report=Report(
            saw={"cores": size.schedulable_cores, "nodes": size.schedulable_nodes},
            verdicts=() if said == memory.said else (verdict,),
        ),
        wake_at_ms=now_ms + policy.poll_seconds * 1000,
    )


def _scale(
    snapshot: Snapshot, policy: OverprovisioningPolicy, size: ClusterSize
) -> tuple[tuple[PatchScale, ...], Verdict]:
    name = policy.deployment
    deployment = snapshot.cluster.deployments.get(name)
    if deployment is None:
        return (), report.verdict(name, "refused", "DeploymentMissing")
    config_map = snapshot.cluster.config_maps.get(policy.config_map)
    details: dict[str, int | str | bool] = {"config_map": policy.config_map}
    if config_map is None:
        return (), report.verdict(name, "refused", "ConfigMapMissing", details)
    try:
        configuration = read_config_map(config_map.data)
    except ConfigurationError as error:
        details["detail"] = str(error)
        return (), report.verdict(name, "refused", "ConfigMapUnusable", details)
    replicas = replicas_for(configuration, size)
    rung, why = report.why(configuration, size)
    details = {"replicas": replicas, "rung": rung, "why": why}
    if deployment.replicas == replicas:
        return (), report.verdict(name, "noticed", "Kept", details)
    action = patch_to(deployment, replicas, why)
    details["present"] = deployment.replicas
    return (action,), report.verdict(name, "acted", "Scaled", details)


CONTROLLER: Controller[OverprovisioningPolicy, SizingMemory] = Controller(
    name="overprovisioning",
    actions=(PatchScale,),
    watches=("configuration",),
    phrases=report.PHRASES,
    first_memory=SizingMemory,
    decide=decide,
)
