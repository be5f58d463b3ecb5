"""InstanceGroups of nodes, in the words of a fleet: application groups with their sizes.

`spot_nodes: {4x_32Gb: {az, min, max}}` of a toolbox's values is one InstanceGroup a size: the size
becomes one of `sizes`, `az` the zones, `min` and `max` stay. A group is spot where on-demand
capacity above its base is less than half, as kops' default of 100 percent is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from kingtide.fleet.documents.tree import Plain
from kingtide.kube.nodes import GROUP_LABEL, LIFECYCLE_LABEL
from kingtide.migration.cluster_fields import (
    rolling_update,
    root_volume,
    without_empty,
    zone_letters,
    zones_of_subnets,
)
from kingtide.migration.kops_documents import KopsCluster, KopsDocument
from kingtide.migration.parts import Part, count_at, map_at, text_at, texts_at
from kingtide.migration.type_lists import TypeLists, size_of, stand_in

Lifecycle = Literal["spot", "on-demand"]

DEFAULT_GROUP = "workers"
"""The application group of InstanceGroups whose names say a size and nothing else."""
_DEFAULT_COUNT = 2
"""Nodes of an InstanceGroup that does not say how many.

Source: https://kops.sigs.k8s.io/instance_groups/ (minSize, maxSize).
"""
_HALF = 50

# What people call groups of one lifecycle, then perhaps what they are for, then a size.
_NAME = re.compile(
    r"(?:spot|on-?demand)(?:-nodes)?(?:-(?P<group>.+?))?-(?P<size>\d+x(?:-[a-z0-9]+)*)"
)
_STRATEGIES = (
    "lowest-price",
    "capacity-optimized-prioritized",
    "price-capacity-optimized",
)


class ImportedGroups(msgspec.Struct, frozen=True):
    """A cluster's application groups.

    `documents` are the InstanceGroups by the names that the fleet gives them; `left_out` says of
    every other one why it has none, `notes` what else somebody should know.
    """

    fields: Part
    documents: Mapping[str, KopsDocument]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


class _Found(msgspec.Struct, frozen=True):
    document: KopsDocument
    lifecycle: Lifecycle
    group: str
    size: str
    types: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the Auto Scaling group (fleet/expansion.py)."""
        prefix = "spot-nodes" if self.lifecycle == "spot" else "on-demand"
        return f"{prefix}-{self.group}-{self.size}"


def node_group_fields(cluster: KopsCluster, lists: TypeLists) -> ImportedGroups:
    """Return a cluster's groups of nodes, naming lists of instance types that they need."""
    left_out: list[str] = []
    notes: list[str] = []
    found: dict[str, _Found] = {}
    for document in cluster.groups:
        if text_at(document.spec, "role") in ("Master", "ControlPlane"):
            continue
        why = _cannot(document)
        if why is not None:
            left_out.append(f"InstanceGroup {document.name}: {why}")
            continue
        one = _with_own_name(_found(document, notes), found)
        found[one.name] = one
    groups: dict[str, list[_Found]] = {}
    for one in found.values():
        groups.setdefault(one.group, []).append(one)
    fields: Part = {name: _group(cluster, members, lists) for name, members in groups.items()}
    documents = {name: one.document for name, one in found.items()}
    return ImportedGroups(fields, documents, tuple(left_out), tuple(notes))


def _cannot(document: KopsDocument) -> str | None:
    """Return why a fleet has no place for an InstanceGroup; None where it has one."""
    spec = document.spec
    role = text_at(spec, "role")
    if role != "Node":
        return f"a fleet has no machines of role {role}"
    if text_at(spec, "manager") not in (None, "CloudGroup"):
        return f"{text_at(spec, 'manager')} makes its nodes, and no Auto Scaling group"
    types = _types(spec)
    if not types:
        return "it names no instance type"
    unknown = [it for it in types if stand_in(it) is None]
    if len(unknown) == len(types):
        return f"nothing is known of {', '.join(unknown)}, nor of a type like it"
    return None


def _types(spec: Part) -> list[str]:
    listed = texts_at(spec, "mixedInstancesPolicy", "instances")
    machine = text_at(spec, "machineType")
    return listed or ([] if machine is None else machine.split(","))


def _found(document: KopsDocument, notes: list[str]) -> _Found:
    spec = document.spec
    types: dict[str, None] = {}
    for written in _types(spec):
        known = stand_in(written)
        if known is None:
            notes.append(
                f"InstanceGroup {document.name}: nothing is known of {written};"
                " only its patch names it"
            )
            continue
        if known != written:
            notes.append(
                f"InstanceGroup {document.name}: {known} stands in for {written}, of which nothing"
                " is known; a patch puts it back"
            )
        types[known] = None
    group, size = _named(document.name, next(iter(types)))
    return _Found(document, _lifecycle(spec), group, size, tuple(types))


def _lifecycle(spec: Part) -> Lifecycle:
    policy = map_at(spec, "mixedInstancesPolicy")
    above = count_at(policy, "onDemandAboveBase")
    if policy:
        return "spot" if above is not None and above < _HALF else "on-demand"
    return "spot" if text_at(spec, "maxPrice") is not None else "on-demand"


def _named(name: str, first_type: str) -> tuple[str, str]:
    """Return the application group and the size that an InstanceGroup's name says."""
    label = _label(name)
    said = _NAME.fullmatch(label)
    if said is None:
        return label, size_of(first_type)
    return said["group"] or DEFAULT_GROUP, said["size"]


def _label(name: str) -> str:
    """Return a name as a DNS label, short enough for a prefix and a size beside it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "nodes"


def _with_own_name(one: _Found, taken: Mapping[str, _Found]) -> _Found:
    number = 1
    own = one
    while own.name in taken:
        number += 1
        own = msgspec.structs.replace(one, size=f"{one.size}-{number}")
    return own


def _group(cluster: KopsCluster, members: list[_Found], lists: TypeLists) -> Part:
    """Return an application group: what its InstanceGroups share, and their sizes."""
    spec = members[0].document.spec
    spot = {one.size: one for one in members if one.lifecycle == "spot"}
    on_demand = {one.size: one for one in members if one.lifecycle == "on-demand"}
    zones = _zones(cluster, spec)
    strategy = next(
        (text for one in spot.values() if (text := _strategy(one.document.spec)) is not None), None
    )
    sizes: Part = {size: _size(one, None, lists) for size, one in spot.items()}
    others: Part = {size: _size(one, spot.get(size), lists) for size, one in on_demand.items()}
    return without_empty(
        {
            "dedicated": True if any(_taints(one.document.spec) for one in members) else None,
            "zones": zones if zones != zone_letters(cluster) else [],
            "labels": _labels(members),
            "rootVolume": root_volume(spec),
            "rollingUpdate": rolling_update(spec),
            "spot": without_empty({"allocationStrategy": strategy, "sizes": sizes})
            if spot
            else None,
            ("onDemandFallback" if spot else "onDemand"): {"sizes": others} if others else None,
        }
    )


def _size(one: _Found, spot: _Found | None, lists: TypeLists) -> Part:
    """Return one size; a fallback takes the types of its spot size where they are the same."""
    least, most = (count_at(one.document.spec, key) for key in ("minSize", "maxSize"))
    most = max(1, _DEFAULT_COUNT if most is None else most)
    least = min(_DEFAULT_COUNT if least is None else least, most)
    types: Plain = lists.name(one.types) if len(one.types) > 1 else list(one.types)
    if spot is not None and spot.types == one.types:
        types = None
    found: Part = {"instances": types, "min": least, "max": most}
    return {key: value for key, value in found.items() if value is not None}


def _zones(cluster: KopsCluster, spec: Part) -> list[Plain]:
    known = zones_of_subnets(cluster)
    return [*sorted({known[it][-1] for it in texts_at(spec, "subnets") if it in known})]


def _strategy(spec: Part) -> str | None:
    """Return how a spot group chooses among its types, None for the default of ours."""
    written = text_at(spec, "mixedInstancesPolicy", "spotAllocationStrategy")
    return written if written in _STRATEGIES else None


def _taints(spec: Part) -> list[str]:
    return [it for it in texts_at(spec, "taints") if it.endswith(":NoSchedule")]


def _labels(members: list[_Found]) -> Part:
    """Return the labels that all nodes of a group have."""
    first, *rest = (map_at(one.document.spec, "nodeLabels") for one in members)
    return dict(_shared_labels(first, rest))


def _shared_labels(first: Part, rest: list[Part]) -> Iterator[tuple[str, Plain]]:
    for key, value in first.items():
        if key in (GROUP_LABEL, LIFECYCLE_LABEL) or not isinstance(value, str):
            continue
        if all(it.get(key) == value for it in rest):
            yield key, value
