"""What controllers are told became of actions that nobody does.

A request for nodes, a taint, a claim: refused as `Claimed`, which to all controllers means that
somebody else comes first. That is what happens: the other autoscaler owns the cluster. None of them
then takes it for a failure, backs off from a group or pauses, and each says in its next pass again
what it would do about the world as it is. To pretend that things were done instead would make them
wait for nodes that never come, and take those for failures.

What the other does itself is told as done: a controller that finds a node under removal goes on
with it, as after a restart, and nothing that it asks of that node is a failure of its own.
"""

from __future__ import annotations

from kingtide.control.action import Action, EvictPod, TerminateInstance
from kingtide.control.outcome import Outcome
from kingtide.control.snapshot import ClusterView
from kingtide.operate.shadowing.scoring.sighting import OTHERS_TAINTS

CODE = "Claimed"


def answer(action: Action, cluster: ClusterView, now_ms: int) -> Outcome:
    """Return what an action's controller is told; nothing was done."""
    if _is_under_way(action, cluster):
        return Outcome(action, "done", now_ms)
    return Outcome(action, "refused", now_ms, CODE, "another autoscaler runs this cluster")


def _is_under_way(action: Action, cluster: ClusterView) -> bool:
    match action:
        case EvictPod():
            pod = cluster.pod(action.uid)
            name = "" if pod is None else pod.node_name
        case TerminateInstance():
            name = action.node
        case _:
            return False
    node = cluster.nodes.get(name)
    return node is not None and any(it.key in OTHERS_TAINTS for it in node.taints)
