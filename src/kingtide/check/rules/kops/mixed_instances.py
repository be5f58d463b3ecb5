"""Which instance types a group takes, and how many of them on-demand."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.aws.instance_types import INSTANCE_TYPES
from kingtide.check.kops_documents import Fault, Faults, KopsDocuments
from kingtide.check.plain_values import number_at, text_at, texts_at
from kingtide.check.rule import Rule
from kingtide.check.rules.kops.located import group_patch, in_kops
from kingtide.compile.document import Document
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path

SPOT_STRATEGIES = (
    "capacity-optimized",
    "capacity-optimized-prioritized",
    "diversified",
    "lowest-price",
    "price-capacity-optimized",
)
"""Strategies that kops lets through for spot instances.

Source: https://kops.sigs.k8s.io/instance_groups/#spotallocationstrategy (kops 1.35)."""
ON_DEMAND_STRATEGIES = ("lowest-price", "prioritized")
"""Strategies that AWS takes for on-demand instances.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html"""
GPU_FAMILIES = ("g3", "g3s", "g4ad", "g4dn", "g5", "g5g", "g6", "g6e", "g6f", "gr6", "gr6f")
"""Families with a graphics processor whose names do not begin with p.

Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html (2026-08)."""
_ARM_WORDS = ("arm64", "aarch64")
_X86_WORDS = ("amd64", "x86_64", "x86-64")
_POLICY: Path = ("spec", "mixedInstancesPolicy")


def _on_demand_shares(documents: KopsDocuments) -> Faults:
    """Note on-demand shares that are none."""
    for group in documents.groups:
        base = number_at(group.body, *_POLICY, "onDemandBase")
        most = number_at(group.body, "spec", "maxSize")
        if base is not None and (base < 0 or (most is not None and base > most)):
            wrong = f"onDemandBase {base} is outside 0 to maxSize {most}"
            yield Fault(group, (*_POLICY, "onDemandBase"), wrong, f"write 0 to {most}")
        above = number_at(group.body, *_POLICY, "onDemandAboveBase")
        if above is not None and not 0 <= above <= 100:
            wrong = f"onDemandAboveBase {above} is not a percentage"
            yield Fault(group, (*_POLICY, "onDemandAboveBase"), wrong, "write 0 to 100")


def _spot_strategies(documents: KopsDocuments) -> Faults:
    """Note strategies for spot that kops refuses, and pools that only go with lowest-price."""
    for group in documents.groups:
        at: Path = (*_POLICY, "spotAllocationStrategy")
        strategy = text_at(group.body, *at)
        if strategy and strategy not in SPOT_STRATEGIES:
            advice = did_you_mean(strategy, SPOT_STRATEGIES, what="strategies")
            yield Fault(group, at, f"{strategy!r} is not a strategy of spot", advice)


def _spot_pools(documents: KopsDocuments) -> Faults:
    """Note spotInstancePools beside a strategy other than lowest-price."""
    for group in documents.groups:
        at: Path = (*_POLICY, "spotInstancePools")
        pools = number_at(group.body, *at)
        strategy = text_at(group.body, *_POLICY, "spotAllocationStrategy")
        if pools is not None and strategy not in ("", "lowest-price"):
            wrong = f"spotInstancePools goes with lowest-price, not with {strategy}"
            yield Fault(group, at, wrong, "take it out; AWS refuses the group otherwise")
        elif pools is not None and not 1 <= pools <= 20:
            yield Fault(group, at, f"{pools} pools are outside 1 to 20", "write 1 to 20")


def _on_demand_strategies(documents: KopsDocuments) -> Faults:
    """Note strategies for on-demand that AWS does not know."""
    for group in documents.groups:
        at: Path = (*_POLICY, "onDemandAllocationStrategy")
        strategy = text_at(group.body, *at)
        if strategy and strategy not in ON_DEMAND_STRATEGIES:
            advice = did_you_mean(strategy, ON_DEMAND_STRATEGIES, what="strategies")
            yield Fault(group, at, f"{strategy!r} is not a strategy of on-demand", advice)


def _first_types(documents: KopsDocuments) -> Faults:
    """Note groups whose machineType is not the first of their types."""
    for group in documents.groups:
        types = texts_at(group.body, *_POLICY, "instances")
        own = text_at(group.body, "spec", "machineType")
        if types and own and own != types[0][1]:
            wrong = f"machineType is {own}, and the first of instances {types[0][1]}"
            yield Fault(group, ("spec", "machineType"), wrong, f"write {types[0][1]}")


def _graphics(documents: KopsDocuments) -> Faults:
    """Note groups of types with and without a graphics processor."""
    for group in documents.groups:
        types = list(_types(group))
        for path, name in types[1:]:
            if _has_gpu(name) != _has_gpu(types[0][1]):
                has = "has a GPU" if _has_gpu(name) else "has no GPU"
                wrong = f"{name} {has}, unlike the group's {types[0][1]}"
                yield Fault(group, path, wrong, "give it a group of its own")


def _architectures(documents: KopsDocuments) -> Faults:
    """Note types whose architecture is not the image's, or not the other types'.

    Once a group, since an image of the wrong one is wrong for all of its types.
    """
    for group in documents.groups:
        image = text_at(group.body, "spec", "image")
        wanted, source = image_architecture(image), f"image {image}"
        others: list[tuple[Path, str, str]] = []
        for path, name in _types(group):
            own = architecture(name)
            if wanted is None:
                wanted, source = own, name
            elif own is not None and own != wanted:
                others.append((path, name, own))
        if others:
            path, name, own = others[0]
            more = f", as {len(others) - 1} more types are" if len(others) > 1 else ""
            wrong = f"{name} is {own}{more}, and {source} is {wanted}"
            yield Fault(group, path, wrong, "take types and an image of one architecture")


def architecture(name: str) -> str | None:
    """Return the architecture of an instance type; None for one without figures here."""
    found = INSTANCE_TYPES.get(name)
    return None if found is None else found.arch


def image_architecture(image: str) -> str | None:
    """Return the architecture that an image's name tells; None where it tells none."""
    if any(word in image for word in _ARM_WORDS):
        return "arm64"
    return "amd64" if any(word in image for word in _X86_WORDS) else None


def _types(group: Document) -> Iterator[tuple[Path, str]]:
    own = text_at(group.body, "spec", "machineType")
    if own:
        yield ("spec", "machineType"), own
    for index, name in texts_at(group.body, *_POLICY, "instances"):
        if index or name != own:
            yield (*_POLICY, "instances", index), name


def _has_gpu(name: str) -> bool:
    family = name.partition(".")[0]
    return family in GPU_FAMILIES or (family.startswith("p") and family[1:2].isdigit())


RULES = (
    Rule(
        code="KT618",
        title="An on-demand share that is none",
        severity="error",
        why="onDemandBase counts instances, so it is at most the group's most;"
        " onDemandAboveBase is a percentage. kops refuses both otherwise.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=group_patch("mixedInstancesPolicy: {onDemandAboveBase: 120}"),
        passing=group_patch("mixedInstancesPolicy: {onDemandAboveBase: 0, onDemandBase: 0}"),
        check=in_kops(_on_demand_shares),
    ),
    Rule(
        code="KT619",
        title="A strategy for spot that there is not",
        severity="error",
        why="kops refuses it.",
        source="https://kops.sigs.k8s.io/instance_groups/ (kops 1.35)",
        failing=group_patch("mixedInstancesPolicy: {spotAllocationStrategy: capacity-optimised}"),
        passing=group_patch(
            "mixedInstancesPolicy: {spotAllocationStrategy: price-capacity-optimized}"
        ),
        check=in_kops(_spot_strategies),
    ),
    Rule(
        code="KT624",
        title="Types with and without a GPU in one group",
        severity="error",
        why="kops refuses it: such machines need other images and are scheduled for other pods.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=group_patch("mixedInstancesPolicy: {instances: [c5.4xlarge, g5.4xlarge]}"),
        passing=group_patch(
            "mixedInstancesPolicy: {instances: [c5.4xlarge, m5.4xlarge]}", "on-demand-workers-4x"
        ),
        check=in_kops(_graphics),
    ),
    Rule(
        code="KT625",
        title="Types of another architecture than the image",
        severity="error",
        why="An image starts on one architecture only. kops asks AWS and refuses the group;"
        " within one group a launch would fail by chance.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=group_patch("image: acme-node-arm64-2026"),
        passing=group_patch("image: acme-node-amd64-2026"),
        check=in_kops(_architectures),
    ),
    Rule(
        code="KT651",
        title="spotInstancePools beside another strategy than lowest-price",
        severity="error",
        why="kops does not look at it, and AWS refuses the group: the number of pools means"
        " something for lowest-price alone.",
        source="https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html",
        failing=group_patch("mixedInstancesPolicy: {spotInstancePools: 3}"),
        passing=group_patch("mixedInstancesPolicy: {onDemandAboveBase: 0}"),
        check=in_kops(_spot_pools),
    ),
    Rule(
        code="KT652",
        title="A strategy for on-demand that AWS does not know",
        severity="error",
        why="kops hands it on without a look, and AWS refuses the group.",
        source="https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html",
        failing=group_patch(
            "mixedInstancesPolicy: {onDemandAllocationStrategy: capacity-optimized}"
        ),
        passing=group_patch("mixedInstancesPolicy: {onDemandAllocationStrategy: prioritized}"),
        check=in_kops(_on_demand_strategies),
    ),
    Rule(
        code="KT653",
        title="machineType that is not the first of the group's types",
        severity="warning",
        why="cluster-autoscaler takes the first override for what a node of an empty group"
        " has, kops takes machineType for what it checks and for the kubelet's settings:"
        " two truths about one group.",
        source="https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md"
        " (1.35)",
        failing=group_patch("machineType: m5.4xlarge"),
        passing=group_patch("machineType: c5.4xlarge"),
        check=in_kops(_first_types),
    ),
)
