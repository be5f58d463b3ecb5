"""The ConfigMap by which the priority expander puts spot before on-demand."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from kingtide.compile.document import Document
from kingtide.compile.kubernetes.config_map import config_map
from kingtide.compile.subject import Subject
from kingtide.fleet.expander_priorities import PRIORITIES_KEY, priorities_of
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.written import policy_from
from kingtide.kube.nodes import LIFECYCLE_LABEL

CLUSTER_AUTOSCALER = "cluster-autoscaler"
"""The chart by its name in its repository."""


def expander_priorities(subject: Subject) -> tuple[Document, ...]:
    """Return the ConfigMap; none where Cluster Autoscaler's chart or kops' add-on brings it.

    The name of it is fixed in each, as it is in the program, so that both would write the same
    object. Source: kops upup/models/cloudup/resources/addons/cluster-autoscaler.addons.k8s.io.
    """
    policy = autoscaling_policy(subject)
    namespace, _, name = policy.priority_config_map.partition("/")
    tool = subject.tool(CLUSTER_AUTOSCALER)
    if "priority" not in policy.expander or (tool and tool.spec.namespace == namespace):
        return ()
    if subject.priorities is None:
        return ()
    return (config_map(name, namespace, {PRIORITIES_KEY: subject.priorities}),)


def with_priorities(
    subject: Subject, made: Sequence[Document], kops: Sequence[Document]
) -> Subject:
    """Return a subject that knows the order of its groups by the names that they end up with.

    `made` are the kops documents before patches, `kops` the same ones after.
    """
    lifecycles = {it.group.name: it.labels[LIFECYCLE_LABEL] for it in subject.groups}
    names: dict[str, list[str]] = {"spot": [], "on-demand": []}
    for before, after in zip(made, kops, strict=True):
        if after.kind == "Cluster" and _has_autoscaler(after):
            return structs.replace(subject, priorities=None)
        if before.kind == "InstanceGroup" and before.name in lifecycles:
            names[lifecycles[before.name]].append(after.name)
    return structs.replace(subject, priorities=priorities_of(names["on-demand"], names["spot"]))


def _has_autoscaler(cluster: Document) -> bool:
    """Return whether a kops Cluster says that kops runs Cluster Autoscaler."""
    spec = cluster.body.get("spec")
    autoscaler = spec.get("clusterAutoscaler") if isinstance(spec, dict) else None
    return isinstance(autoscaler, dict) and autoscaler.get("enabled") is True


def autoscaling_policy(subject: Subject) -> NodeAutoscalingPolicy:
    """Return the cluster's settings of node autoscaling."""
    return policy_from(NodeAutoscalingPolicy, subject.spec.autoscaler, {})
