"""The names that a group's pause pods go by, and their size where nobody wrote one."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.kube.resources import Resources

PAUSE_NAMESPACE = "overprovisioning"
"""Not kube-system: an autoscaler keeps a node for an hour on which a young kube-system pod runs."""
PAUSE_PRIORITY_CLASS = "overprovisioning"
"""The PriorityClass of pause pods, by its name in `priorityClasses`."""
PAUSE_IMAGE = "registry.k8s.io/pause:3.10"
"""A program that waits for its end; every node has it, as the container that holds a pod's network.
"""

_CPU_STEP_MILLICORES = 500
_MEMORY_STEP_BYTES = 1024**3
"""Half a core and a GiB: what a person would write."""


def pause_name(group: str) -> str:
    """Return the name of a group's pause Deployment, and of the ConfigMap with its ladder."""
    return f"overprovisioning-{group}"


def unwritten_pause_pod(offered: Sequence[Resources], overhead: Resources) -> Resources:
    """Return what a pause pod requests whose size nobody wrote.

    Two of them fill what DaemonSets (`overhead`) leave of the smallest of a group's nodes
    (`offered`, one or more). The largest application pod would be the measure, but not all of them
    are the fleet's to know; where a known one is larger, a check and a rehearsal tell.
    """
    cpu = min(it.cpu_millicores for it in offered) - overhead.cpu_millicores
    memory = min(it.memory_bytes for it in offered) - overhead.memory_bytes
    return Resources(
        cpu_millicores=_half(cpu, _CPU_STEP_MILLICORES),
        memory_bytes=_half(memory, _MEMORY_STEP_BYTES),
    )


def _half(amount: int, step: int) -> int:
    return max(amount // 2 // step, 1) * step
