"""What an EC2 instance type is: its size, and what of it Kubernetes may give to pods."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import msgspec

from kingtide.aws.instance_type_table import (
    INTERRUPTION_BUCKETS,
    ON_DEMAND_REGIONS,
    ROWS,
    SPOT_REGIONS,
    InstanceTypeRow,
)
from kingtide.kube.resources import Resources

KUBELET_MAX_PODS = 110
"""kubelet's default --max-pods, which holds with an overlay network such as Calico.

Source: https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/ (v1.36)."""

_MIB = 1024 * 1024


class SpotMarket(msgspec.Struct, frozen=True, gc=False):
    """A type's spot market in one region, as the Spot Instance advisor tells it.

    `saving_percent` is against the on-demand price; `interruption` is the advisor's label
    (`5-10%`): the share of instances interrupted in the past month.
    """

    saving_percent: int
    interruption: str


class InstanceType(msgspec.Struct, frozen=True, gc=False):
    """An EC2 instance type.

    `memory_mib` is what AWS sells, more than the kernel sees; `max_pods` is the bound where each
    pod takes an address of a network interface (the VPC CNI); `on_demand_micro_usd_per_hour` and
    `spot` are by region, a region missing where nothing is known of it.
    """

    name: str
    vcpus: int
    memory_mib: int
    max_pods: int
    arch: str
    on_demand_micro_usd_per_hour: Mapping[str, int]
    spot: Mapping[str, SpotMarket]


class UnknownInstanceType(KeyError):
    """A type without figures here; `nearest` holds names that look like it, best first."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = tuple(get_close_matches(name, INSTANCE_TYPES, n=3, cutoff=0.6))

    def __str__(self) -> str:
        hint = f"; did you mean {' or '.join(self.nearest)}?" if self.nearest else ""
        return f"no EC2 instance type {self.name!r} is known{hint}"


def _parse(row: InstanceTypeRow) -> InstanceType:
    name, vcpus, memory_mib, max_pods, *on_demand, markets = row
    family = name.split(".", 1)[0]
    return InstanceType(
        name=name,
        vcpus=vcpus,
        memory_mib=memory_mib,
        max_pods=max_pods,
        arch="arm64" if family.endswith("g") else "amd64",
        on_demand_micro_usd_per_hour=dict(zip(ON_DEMAND_REGIONS, on_demand, strict=True)),
        spot={
            region: SpotMarket(market[0], INTERRUPTION_BUCKETS[market[1]])
            for region, market in zip(SPOT_REGIONS, markets, strict=True)
            if market is not None
        },
    )


INSTANCE_TYPES: Mapping[str, InstanceType] = {row[0]: _parse(row) for row in ROWS}
"""Every known type by name."""


def instance_type(name: str) -> InstanceType:
    """Return a type by name.

    Raises:
        UnknownInstanceType: there are no figures for it.
    """
    found = INSTANCE_TYPES.get(name)
    if found is None:
        raise UnknownInstanceType(name)
    return found


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
