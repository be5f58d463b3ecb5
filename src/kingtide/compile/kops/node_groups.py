"""The InstanceGroups of nodes: what fleet.expansion says of each, in kops' words."""

from __future__ import annotations

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.compile.document import Body, Document
from kingtide.compile.kops.machines import instance_group, rolling_update, root_volume
from kingtide.compile.subject import Subject
from kingtide.fleet.expansion import ExpandedGroup, is_template_tag, zone_names
from kingtide.kube.taints import Taint

ADMIN_GROUP = "admin"
"""The application group whose InstanceGroups come first among the nodes': the tools run there."""


def node_groups(subject: Subject) -> tuple[Document, ...]:
    """Return the InstanceGroups of nodes: admin's first, then by name."""
    known = zone_names(subject.spec)
    for serves, group in subject.spec.node_groups.items():
        for index, zone in enumerate(zone_names(subject.spec, group)):
            if zone not in known:
                wrong = f"the cluster has no zone {zone}, so that it has no subnet there"
                path = ("nodeGroups", serves, "zones", index)
                subject.note(path, wrong, "add it to the cluster's `zones:`")
    ordered = sorted(subject.groups, key=lambda it: (it.serves != ADMIN_GROUP, it.group.name))
    return tuple(_node_group(subject, expanded) for expanded in ordered)


def _node_group(subject: Subject, expanded: ExpandedGroup) -> Document:
    group = expanded.group
    written = subject.spec.node_groups[expanded.serves]
    disk = root_volume(subject, ("nodeGroups", expanded.serves, "rootVolume"), written.root_volume)
    # kops derives the tags that describe an empty group's nodes from labels and taints.
    tags: Body = {key: value for key, value in group.tags.items() if not is_template_tag(key)}
    labels: Body = dict(expanded.labels)
    spec: Body = {
        "cloudLabels": tags,
        "machineType": group.instance_types[0],
        "maxSize": group.max_size,
        "minSize": group.min_size,
        "mixedInstancesPolicy": _mixed_instances_policy(group),
        "nodeLabels": labels,
        "role": "Node",
        "subnets": list(group.zones),
        # Balancing zones terminates nodes with their pods; it asks neither budgets nor controllers.
        "suspendProcesses": ["AZRebalance"],
        **disk,
        **rolling_update(written.rolling_update),
    }
    if expanded.taints:
        spec["taints"] = [_taint(taint) for taint in expanded.taints]
    return instance_group(subject, group.name, spec)


def _mixed_instances_policy(group: AutoScalingGroup) -> Body:
    policy: Body = {
        "instances": list(group.instance_types),
        "onDemandAboveBase": group.on_demand_percentage_above_base,
        "onDemandBase": group.on_demand_base,
    }
    if group.lifecycle == "spot":
        policy["spotAllocationStrategy"] = group.spot_allocation_strategy
    else:
        # AWS' default: the first type of the list that has capacity, which the lists order for.
        policy["onDemandAllocationStrategy"] = "prioritized"
    return policy


def _taint(taint: Taint) -> str:
    return f"{taint.key}={taint.value}:{taint.effect}"
