"""Whether a group for spot gets spot, and from the pools that are interrupted least."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.plain_values import texts_at
from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.groups.node_group import ABOVE_BASE, MIXED, STRATEGY, node_groups_of
from kingtide.check.view import ClusterView, Found

_KOPS = "https://kops.sigs.k8s.io/instance_groups/#mixedinstancespolicy-aws-only (1.35)"
_BALANCING = "AZRebalance"
_SUSPENDED = ("spec", "suspendProcesses")


def _patch(merge: str) -> Example:
    return Example(
        spec="kops:\n  patches:\n  - target: {kind: InstanceGroup, name: spot-nodes-workers-4x}\n"
        f"    merge: {{spec: {{{merge}}}}}"
    )


def _not_spot(cluster: ClusterView) -> Iterable[Found]:
    for group in node_groups_of(cluster):
        if not group.is_meant_for_spot or group.is_spot_by_price or group.above_base == 0:
            continue
        said = group.above_base
        wrong = (
            "its nodes are meant to be spot, and nothing says so: AWS' default is 100, on-demand"
            if said is None
            else f"its nodes are meant to be spot, and {said} % of them are on-demand"
        )
        yield group.found(cluster, ABOVE_BASE, wrong, "write `onDemandAboveBase: 0`")


def _bad_strategy(cluster: ClusterView) -> Iterable[Found]:
    for group in node_groups_of(cluster):
        if not group.is_meant_for_spot or group.is_spot_by_price:
            continue
        if group.strategy not in ("", "lowest-price"):
            continue
        wrong = (
            "takes the cheapest pools, which are reclaimed first"
            if group.strategy
            else "says no strategy, and AWS then takes the cheapest pools"
        )
        path = STRATEGY if group.strategy else MIXED
        advice = "write price-capacity-optimized, or capacity-optimized for fewest interruptions"
        yield group.found(cluster, path, wrong, advice)


def _balanced(cluster: ClusterView) -> Iterable[Found]:
    for group in node_groups_of(cluster):
        suspended = [text for _, text in texts_at(group.document.body, *_SUSPENDED)]
        if _BALANCING not in suspended and len(group.zones) > 1:
            wrong = f"{_BALANCING} is not suspended"
            yield group.found(cluster, _SUSPENDED, wrong, f"add {_BALANCING} to suspendProcesses")


RULES = (
    Rule(
        code="KT205",
        title="A spot group that buys on-demand",
        severity="error",
        why="`onDemandAboveBase` is 100 unless it is written, so that a group with a strategy for"
        " spot and no share of it is on-demand altogether, at three times the price and without"
        " anybody noticing. Groups of a fleet have 0; this is about patches and manifests.",
        source=_KOPS,
        failing=_patch("mixedInstancesPolicy: {onDemandAboveBase: null}"),
        passing=_patch("mixedInstancesPolicy: {onDemandAboveBase: 0}"),
        check=each_cluster(_not_spot),
    ),
    Rule(
        code="KT206",
        title="Spot by the lowest price",
        severity="error",
        why="The cheapest pools are those that others want next: they are interrupted most, and"
        " all at once. The strategies that look at capacity ask for the deepest pools.",
        source="https://docs.aws.amazon.com/autoscaling/ec2/userguide/allocation-strategies.html",
        failing=Example(spec="nodeGroups: {workers: {spot: {allocationStrategy: lowest-price}}}"),
        passing=Example(
            spec="nodeGroups: {workers: {spot: {allocationStrategy: capacity-optimized}}}"
        ),
        check=each_cluster(_bad_strategy),
    ),
    Rule(
        code="KT212",
        title="Zones that are balanced by ending nodes",
        severity="warning",
        why="AZRebalance ends nodes in the fuller zone with the pods on them; it asks no budget"
        " and no controller, and on spot it goes on for as long as one zone has no capacity."
        " Groups of a fleet have it suspended; this is about patches and manifests.",
        source="https://docs.aws.amazon.com/autoscaling/ec2/userguide/"
        "ec2-auto-scaling-suspend-resume-processes.html",
        failing=_patch("suspendProcesses: null"),
        passing=_patch("suspendProcesses: [AZRebalance, AlarmNotification]"),
        check=each_cluster(_balanced),
    ),
)
