"""Whether the node groups could ever hold an event: a bound from above, for a word in time."""

from __future__ import annotations

from kingtide.control.snapshot import Snapshot
from kingtide.controlplane.scheduling.fits import static_refusal
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import Deployment


def most_replicas(deployment: Deployment, snapshot: Snapshot) -> int | None:
    """Return how many pods would fit on all nodes that the groups may have, if these were empty.

    Each group counts with its maximum and one of its nodes as the sample, cordons left aside. None
    when a group has no node that tells what its next would be: then nothing is certain.
    """
    template = deployment.template
    like = Pod(deployment.namespace, deployment.name, "", template.spec, template.labels, 0)
    shape = snapshot.cluster.shapes.intern(like)
    nodes = {node.instance_id: node for node in snapshot.cluster.nodes.values()}
    total = 0
    for group in snapshot.cloud.groups.values():
        sample = next((n for it in group.instances if (n := nodes.get(it.instance_id))), None)
        if sample is None:
            if group.max_size:
                return None
            continue
        if static_refusal(shape, sample) is None:
            total += group.max_size * _on_one(shape, sample)
    return total


def _on_one(shape: PodShape, node: Node) -> int:
    wanted, offered = shape.requests, node.allocatable
    counts = [offered.pods]
    if wanted.cpu_millicores:
        counts.append(offered.cpu_millicores // wanted.cpu_millicores)
    if wanted.memory_bytes:
        counts.append(offered.memory_bytes // wanted.memory_bytes)
    return max(0, min(counts))
