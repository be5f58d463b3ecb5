"""What a node of an EC2 instance type has, and what of it Kubernetes may give to pods."""

from __future__ import annotations

from kingtide.aws.instance_types import instance_type
from kingtide.kube.resources import Resources

KUBELET_MAX_PODS = 110
"""kubelet's default --max-pods, which holds with an overlay network such as Calico.

Source: https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/ (v1.36)."""

_MIB = 1024 * 1024


def capacity(name: str, max_pods: int = KUBELET_MAX_PODS) -> Resources:
    """Return a node's capacity as its kubelet reports it.

    The hypervisor and the kernel keep part of the memory that AWS names: 7.5 % of it is left out,
    as Karpenter does before it has seen a node of the type (VM_MEMORY_OVERHEAD_PERCENT, default
    0.075, rounded up to a MiB; https://karpenter.sh/docs/reference/settings/), and on arm64 64 MiB
    before that, which Amazon Linux sets aside there (karpenter-provider-aws,
    pkg/providers/instancetype/types.go).

    Raises:
        UnknownInstanceType: there are no figures for it.
    """
    found = instance_type(name)
    memory_mib = found.memory_mib - (64 if found.arch == "arm64" else 0)
    hidden_mib = -(-memory_mib * 75 // 1000)
    return Resources(
        cpu_millicores=found.vcpus * 1000,
        memory_bytes=(memory_mib - hidden_mib) * _MIB,
        pods=max_pods,
    )


def allocatable(name: str, max_pods: int = KUBELET_MAX_PODS) -> Resources:
    """Return what a node offers to pods: capacity less kube-reserved and the eviction threshold.

    kube-reserved follows the node images of EKS (https://github.com/awslabs/amazon-eks-ami,
    nodeadm's kubelet configuration): memory 255 MiB + 11 MiB a pod; CPU 6 % of the first core, 1 %
    of the second, 0.5 % of the next two and 0.25 % of the rest. The eviction threshold is kubelet's
    default memory.available<100Mi. kops reserves nothing unless told to; a fleet that does so may
    set the same.

    Raises:
        UnknownInstanceType: there are no figures for it.
    """
    whole = capacity(name, max_pods)
    reserved_mib = 255 + 11 * max_pods + 100
    return whole - Resources(
        cpu_millicores=_reserved_cpu_millicores(whole.cpu_millicores // 1000),
        memory_bytes=min(reserved_mib * _MIB, whole.memory_bytes),
    )


def _reserved_cpu_millicores(cores: int) -> int:
    tenths = 600 * min(cores, 1)
    tenths += 100 * min(max(cores - 1, 0), 1)
    tenths += 50 * min(max(cores - 2, 0), 2)
    tenths += 25 * max(cores - 4, 0)
    return tenths // 10
