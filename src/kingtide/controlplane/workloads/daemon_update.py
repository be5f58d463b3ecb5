"""Which pods of a DaemonSet give way to its present template.

Without maxSurge, which is left at its default of 0: a node's old pod goes before its new one comes.
Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/daemon/update.go,
rollingUpdate and updatedDesiredNodeCounts.
"""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.kube.int_or_percent import scaled
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import DaemonSet


def to_replace(
    daemon_set: DaemonSet, wanted: int, updated: Sequence[Pod], others: Sequence[Pod]
) -> tuple[Pod, ...]:
    """Return the pods to be deleted now; `others` are those of an earlier template.

    `wanted` is on how many nodes a pod is to run. What does not serve anyway goes at once; of what
    does, only so much that no more than maxUnavailable nodes are without.

    Raises:
        NotAnAmount: maxUnavailable is neither a number nor a percentage.
    """
    if daemon_set.update_strategy == "OnDelete":
        return ()
    serving = sum(_serves(it) for it in (*updated, *others))
    most = max(1, scaled(daemon_set.max_unavailable, wanted, round_up=True))
    allowed = max(0, most - max(0, wanted - serving))
    staying = [it for it in others if it.deletion_ms is None]
    idle = [it for it in staying if not _serves(it)]
    return (*idle, *[it for it in staying if _serves(it)][:allowed])


def _serves(pod: Pod) -> bool:
    return pod.is_ready and pod.deletion_ms is None
