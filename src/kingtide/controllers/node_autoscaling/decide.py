"""One pass of node_autoscaling."""

from __future__ import annotations

from kingtide.control.action import (
    AddTaint,
    EvictPod,
    RemoveTaint,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.report import Phrases
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.node_autoscaling.memory import NodeAutoscalingMemory
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy


def decide(
    snapshot: Snapshot,
    policy: NodeAutoscalingPolicy,
    memory: NodeAutoscalingMemory,
    now_ms: int,
    chance: Chance,
) -> Decision[NodeAutoscalingMemory]:
    """Decide one pass; times are milliseconds since the Unix epoch."""
    return Decision(memory=memory, wake_at_ms=now_ms + policy.scan_interval_seconds * 1000)


CONTROLLER: Controller[NodeAutoscalingPolicy, NodeAutoscalingMemory] = Controller(
    name="node_autoscaling",
    actions=(SetDesiredCapacity, TerminateInstance, AddTaint, RemoveTaint, EvictPod),
    watches=("unschedulable_pods", "configuration"),
    phrases=Phrases(sentences={}),
    first_memory=NodeAutoscalingMemory,
    decide=decide,
)
