"""What must fit together in a cluster once its layers are merged.

Everything here would stop a compile or a rehearsal.
"""

from __future__ import annotations

import re
from itertools import pairwise

from kingtide.fleet.documents.mistakes import Findings, MistakeKind
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Node, Path, Sequence, node_at, path_text, place_of
from kingtide.fleet.documents.validation import Reading
from kingtide.fleet.instance_lists import InstanceLists, known_types
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.models.node_group import Group, Size, Sizes
from kingtide.fleet.models.overprovisioning import Linear, Overprovisioning
from kingtide.fleet.pause_pods import PAUSE_PRIORITY_CLASS
from kingtide.fleet.policies.dns_autoscaling import DnsAutoscalingPolicy, contradictions
from kingtide.fleet.policies.written import policy_from

REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
"""`eu-west-3`, `us-gov-east-1`: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html"""


class _Checks:
    """Notes mistakes of one cluster, with the places of its merged tree."""

    def __init__(self, node: Node, findings: Findings, reading: Reading) -> None:
        self.node = node
        self.findings = findings
        self.reading = reading

    def note(
        self,
        path: Path,
        wrong: str,
        instead: str,
        *,
        key: bool = False,
        involves: tuple[Path, ...] = (),
        kind: MistakeKind = "value",
    ) -> None:
        if not self.reading.touches(path, *involves):
            place = place_of(self.node, path, key=key)
            self.findings.add(place, ("spec", *path), wrong, instead, kind)


def check_cluster(
    spec: ClusterSpec, node: Node, lists: InstanceLists, findings: Findings, reading: Reading
) -> None:
    """Note everything that does not fit together in a merged cluster."""
    checks = _Checks(node, findings, reading)
    if spec.region is None:
        checks.note(
            ("region",), "is missing", "add `region:`, for example eu-west-1", kind="missing"
        )
    elif not REGION.fullmatch(spec.region):
        checks.note(("region",), f"{spec.region!r} is not a region", "write for example eu-west-1")
    if not spec.zones:
        checks.note(("zones",), "is missing", "add `zones: [a, b, c]`", kind="missing")
    for index, zone in enumerate(spec.zones):
        letter = zone.removeprefix(spec.region or "")
        if not re.fullmatch("[a-z]", letter):
            wrong = f"{zone!r} is not a zone of {spec.region}"
            checks.note(("zones", index), wrong, "write its letter", involves=(("region",),))
    if not spec.node_groups:
        checks.note(
            ("nodeGroups",), "is missing", "add at least one group of nodes", kind="missing"
        )
    for name, group in spec.node_groups.items():
        _check_group(("nodeGroups", name), group, lists, checks)
    _check_names(spec, checks)
    for name, overprovisioning in spec.overprovisioning.items():
        _check_overprovisioning(name, overprovisioning, spec, checks)
    if spec.dns_autoscaling is not None:
        sizing = policy_from(DnsAutoscalingPolicy, spec.dns_autoscaling, {})
        for field, wrong, advice in contradictions(sizing):
            path: Path = ("dnsAutoscaling", field)
            checks.note(path, wrong, advice, kind="contradiction")


def _check_group(path: Path, group: Group, lists: InstanceLists, checks: _Checks) -> None:
    lifecycles = _lifecycles(group)
    if all(sizes is None for _, sizes in lifecycles):
        checks.note(
            path,
            "has neither spot nor onDemand",
            "add `spot: {sizes: ...}`",
            key=True,
            kind="missing",
        )
    spot = group.spot.sizes if group.spot is not None else {}
    for field, sizes in lifecycles:
        for size_name, size in sizes.sizes.items() if sizes is not None else ():
            at = (*path, field, "sizes", size_name)
            _check_size(at, size, checks)
            if size.instances is not None:
                _check_instances((*at, "instances"), size, lists, checks)
            elif field != "onDemandFallback":
                checks.note(at, "has no instances", "add `instances:`", key=True, kind="missing")
            elif size_name not in spot:
                wrong = "has no instances and no spot size of the same name to take them from"
                named = ", ".join(spot) or "none"
                advice = f"add `instances:`, or name it after a spot size ({named})"
                checks.note(
                    at, wrong, advice, key=True, involves=((*path, "spot"),), kind="missing"
                )


def _check_names(spec: ClusterSpec, checks: _Checks) -> None:
    """Note sizes whose groups have one name: group `a`, size `b-4x` and group `a-b`, size `4x`."""
    seen: dict[tuple[str, str], str] = {}
    for name, group in spec.node_groups.items():
        for field, sizes in _lifecycles(group):
            for size in sizes.sizes if sizes is not None else ():
                full = ("spot" if field == "spot" else "on-demand", f"{name}-{size}")
                path: Path = ("nodeGroups", name, field, "sizes", size)
                if full in seen:
                    wrong = f"its group would have the name of {seen[full]}"
                    checks.note(path, wrong, "rename one of them", key=True, kind="duplicate")
                seen[full] = path_text(path)


def _lifecycles(group: Group) -> tuple[tuple[str, Sizes | None], ...]:
    """Return a group's sizes by field, spot first."""
    return (
        ("spot", group.spot),
        ("onDemand", group.on_demand),
        ("onDemandFallback", group.on_demand_fallback),
    )


def _check_size(at: Path, size: Size, checks: _Checks) -> None:
    if size.max is None:
        checks.note(
            (*at, "max"), "is missing", "add `max:`, the most instances it may have", kind="missing"
        )
    elif size.min_size > size.max:
        wrong = f"min {size.min_size} is above max {size.max}"
        checks.note(
            (*at, "min"), wrong, f"write {size.max} or less, or raise max", kind="contradiction"
        )


def _check_instances(path: Path, size: Size, lists: InstanceLists, checks: _Checks) -> None:
    if isinstance(size.instances, str):
        if size.instances not in lists:
            wrong = f"there is no snippets/instance-types/{size.instances}.yaml"
            checks.note(
                path, wrong, did_you_mean(size.instances, lists, what="lists"), kind="unknown name"
            )
        return
    listed = node_at(checks.node, path)
    if isinstance(listed, Sequence):
        known_types(listed, ("spec", *path), checks.findings)


def _check_overprovisioning(
    name: str, overprovisioning: Overprovisioning, spec: ClusterSpec, checks: _Checks
) -> None:
    path: Path = ("overprovisioning", name)
    if name not in spec.node_groups:
        advice = did_you_mean(name, spec.node_groups, what="groups")
        wrong, group = f"there is no group {name!r} in nodeGroups", ("nodeGroups", name)
        checks.note(path, wrong, advice, key=True, involves=(group,), kind="unknown name")
    if overprovisioning.ladder is None and overprovisioning.linear is None:
        checks.note(
            path,
            "has neither ladder nor linear",
            "add `ladder: [[0, 1], [64, 3]]`",
            key=True,
            kind="missing",
        )
    if overprovisioning.ladder is not None:
        _check_ladder((*path, "ladder"), overprovisioning.ladder, checks)
    if overprovisioning.linear is not None:
        _check_linear((*path, "linear"), overprovisioning.linear, checks)
    if PAUSE_PRIORITY_CLASS not in spec.priority_classes:
        classes = path_text(("spec", "priorityClasses"))
        wrong = f"its pause pods need a priority class, and {classes} has no {PAUSE_PRIORITY_CLASS}"
        advice, there = f"add `{PAUSE_PRIORITY_CLASS}: -10` there", ("priorityClasses",)
        checks.note(path, wrong, advice, key=True, involves=(there,), kind="missing")


def _check_ladder(path: Path, ladder: tuple[tuple[int, int], ...], checks: _Checks) -> None:
    if not ladder:
        checks.note(path, "has no steps", "write `[[0, 1], [64, 3]]`")
    for index, (lower, upper) in enumerate(pairwise(ladder), start=1):
        if upper[0] <= lower[0]:
            wrong = f"the step at {upper[0]} cores follows the one at {lower[0]}"
            checks.note(
                (*path, index), wrong, "sort the steps by cores, each once", kind="contradiction"
            )


def _check_linear(path: Path, linear: Linear, checks: _Checks) -> None:
    least = linear.min or 1
    if linear.max and linear.max < least:
        wrong, bounds = f"min {least} is above max {linear.max}", ((*path, "max"),)
        advice = f"write {linear.max} or less, or raise max"
        checks.note((*path, "min"), wrong, advice, involves=bounds, kind="contradiction")
    if not linear.cores_per_replica and not linear.nodes_per_replica:
        wrong = "has neither coresPerReplica nor nodesPerReplica"
        checks.note(
            path, wrong, "add one, for example `coresPerReplica: 64`", key=True, kind="missing"
        )
