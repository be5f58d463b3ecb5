"""The ConfigMap by which the priority expander puts spot before on-demand."""

from __future__ import annotations

from kingtide.compile.document import Document
from kingtide.compile.kubernetes.config_map import config_map
from kingtide.compile.subject import Subject
from kingtide.fleet.expander_priorities import PRIORITIES, PRIORITIES_KEY
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.written import policy_from

CLUSTER_AUTOSCALER = "cluster-autoscaler"
"""The chart by its name in its repository."""


def expander_priorities(subject: Subject) -> tuple[Document, ...]:
    """Return the ConfigMap; none where Cluster Autoscaler's chart brings it (`expanderPriorities`).

    The chart's name of it is fixed, as is the program's, so that both would write the same object.
    """
    policy = autoscaling_policy(subject)
    namespace, _, name = policy.priority_config_map.partition("/")
    tool = subject.tool(CLUSTER_AUTOSCALER)
    if "priority" not in policy.expander or (tool and tool.spec.namespace == namespace):
        return ()
    return (config_map(name, namespace, {PRIORITIES_KEY: PRIORITIES}),)


def autoscaling_policy(subject: Subject) -> NodeAutoscalingPolicy:
    """Return the cluster's settings of node autoscaling."""
    return policy_from(NodeAutoscalingPolicy, subject.spec.autoscaler, {})
