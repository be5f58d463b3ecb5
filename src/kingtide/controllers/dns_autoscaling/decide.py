"""One pass: as many replicas of CoreDNS as the cluster's cores and nodes ask for.

The rule is cluster-proportional-autoscaler's `linear` (`control/proportional/linear.py`). It never
acts beside another autoscaler of the same Deployment, nor on a cluster of which no node counts:
the real program would write the minimum then, when every node is cordoned or none is seen yet.
"""

from __future__ import annotations

from kingtide.control.action import PatchScale
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller
from kingtide.control.counted import counted
from kingtide.control.decision import Decision
from kingtide.control.proportional.cluster_size import ClusterSize, recount
from kingtide.control.proportional.linear import Linear, linear_replicas
from kingtide.control.proportional.memory import SizingMemory
from kingtide.control.proportional.patch import patch_to
from kingtide.control.report import Detail, Report, Verdict
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.dns_autoscaling import phrases
from kingtide.fleet.policies.dns_autoscaling import DnsAutoscalingPolicy


def decide(
    snapshot: Snapshot,
    policy: DnsAutoscalingPolicy,
    memory: SizingMemory,
    now_ms: int,
    chance: Chance,
) -> Decision[SizingMemory]:
    """Decide one pass; times are milliseconds since the Unix epoch."""
    del chance  # nothing here is left to chance
    cluster = snapshot.cluster
    touched, cursor = cluster.nodes_touched_since(memory.cursor)
    tally = recount(memory.tally, cluster.nodes, touched, ())
    size = tally.size
    actions, verdict = _scale(snapshot, policy, size)
    said = phrases.gist(verdict)
    return Decision(
        memory=SizingMemory(cursor, tally, said),
        actions=actions,
        report=Report(
            saw={"cores": size.total_cores, "nodes": size.total_nodes},
            verdicts=() if said == memory.said else (verdict,),
        ),
        wake_at_ms=now_ms + policy.poll_seconds * 1000,
    )


def linear(policy: DnsAutoscalingPolicy) -> Linear:
    """Return the settings as the rule takes them."""
    return Linear(
        cores_per_replica=float(policy.cores_per_replica),
        nodes_per_replica=float(policy.nodes_per_replica),
        min_replicas=policy.min_replicas,
        max_replicas=policy.max_replicas,
        prevents_single_point_of_failure=policy.prevent_single_point_failure,
        include_unschedulable_nodes=policy.include_unschedulable_nodes,
    )


def _scale(
    snapshot: Snapshot, policy: DnsAutoscalingPolicy, size: ClusterSize
) -> tuple[tuple[PatchScale, ...], Verdict]:
    name = policy.deployment
    deployments = snapshot.cluster.deployments
    deployment = deployments.get(name)
    if deployment is None:
        return (), phrases.verdict(name, "refused", "DeploymentMissing")
    other = deployments.get(policy.other_autoscaler)
    if other is not None and other.replicas:
        details = {"other": policy.other_autoscaler}
        return (), phrases.verdict(name, "refused", "OtherAutoscaler", details)
    cores = size.cores(policy.include_unschedulable_nodes)
    nodes = size.nodes(policy.include_unschedulable_nodes)
    if not nodes:
        return (), phrases.verdict(name, "refused", "NoNodes")
    replicas = linear_replicas(linear(policy), size)
    why = f"for {counted(cores, 'core')} on {counted(nodes, 'node')}"
    if deployment.replicas == replicas:
        return (), phrases.verdict(name, "noticed", "Kept", {"replicas": replicas, "why": why})
    action = patch_to(deployment, replicas, why)
    told: dict[str, Detail] = {"replicas": replicas, "present": deployment.replicas, "why": why}
    return (action,), phrases.verdict(name, "acted", "Scaled", told)


CONTROLLER: Controller[DnsAutoscalingPolicy, SizingMemory] = Controller(
    name="dns_autoscaling",
    actions=(PatchScale,),
    watches=(),  # a cluster's size changes with its nodes, which are counted at every look
    phrases=phrases.PHRASES,
    first_memory=SizingMemory,
    decide=decide,
)
