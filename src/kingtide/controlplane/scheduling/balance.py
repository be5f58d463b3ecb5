"""How evenly a node's CPU and memory are requested: the measure under BalancedAllocation.

Computed in IEEE doubles, because kube-scheduler does.
Source: pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go (v1.36).
"""

from __future__ import annotations


def balance_percent(cpu: int, cpu_allocatable: int, memory: int, memory_allocatable: int) -> int:
    """Return 100 for equal requested fractions of CPU and memory, down to 50 for 0 against 1.

    Amounts are millicores and bytes. A resource that the node does not offer is left out; one alone
    is always even.
    """
    if cpu_allocatable == 0 or memory_allocatable == 0:
        return 100
    cpu_fraction = cpu / cpu_allocatable
    memory_fraction = memory / memory_allocatable
    if cpu_fraction > 1.0:
        cpu_fraction = 1.0
    if memory_fraction > 1.0:
        memory_fraction = 1.0
    return int((1.0 - abs((cpu_fraction - memory_fraction) / 2.0)) * 100.0)
