"""The figures that a scenario's run will have, as far as the scenario itself tells.

So that a wrong expectation is told beside mistakes that leave no world to be built. What the
scenario leaves open is taken to be there; the world that is built has the last word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kingtide.controlplane.hpa.model import HpaControllerConfig, HpaSpec
from kingtide.fleet.documents.tree import Map, Node, Path, Scalar, node_at
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.priority_classes import DEFAULT_PRIORITY_CLASS
from kingtide.kube.pods import PodSpec, PodTemplate
from kingtide.rehearsal.figures import catalogue
from kingtide.rehearsal.record import Unit
from kingtide.rehearsal.scenario import application_model
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.roster.registry import ControllerRun
from kingtide.twin.cloud_conditions import CloudConditions, CrossZoneTraffic, OtherAccount
from kingtide.twin.definition import (
    Application,
    Autoscaler,
    Contention,
    DemandPoint,
    MemoryUse,
    WorldDefinition,
)
from kingtide.twin.dns_conditions import CoreDns, DnsConditions
from kingtide.twin.requests import Requests

_ANY_DNS = DnsConditions(
    lookups=0,
    through_cluster=0,
    cluster_queries=0,
    outside=0,
    outside_queries=0,
    core_dns=CoreDns(None, 0, 0, 0, 0, 0, 0, 0),
)
"""Whatever a scenario says of it, its figures are the same."""
_APPLICATIONS: Path = ("spec", "applications")
_FIELDS = frozenset(
    field.alias or name for name, field in application_model.Application.model_fields.items()
)


def outlined_units(noter: Noter, classes: Sequence[str] = ()) -> Mapping[str, Unit]:
    """Return the units of all figures that a scenario can have, by name.

    `classes` are the cluster's priority classes, any of which an application with an unknown one
    may mean; none where the cluster could not be read.
    """
    written = node_at(noter.node, _APPLICATIONS)
    entries = written.entries if isinstance(written, Map) else {}
    outline = WorldDefinition(
        cluster_name="",
        seed=0,
        start_ms=0,
        end_ms=0,
        node_groups=(),
        applications=tuple(
            _application(name, entry.node, one, noter)
            for name, entry in entries.items()
            for one in _classes(entry.node, classes)
        ),
        controllers=(ControllerRun("nodeAutoscaling", NodeAutoscalingPolicy()),),
        cloud=_cloud(noter.node),
        dns=_ANY_DNS if _is_written(noter.node, "spec", "dns") else None,
        contention=Contention() if _is_written(noter.node, "spec", "contention") else None,
    )
    return {spec.name: spec.unit for spec in catalogue(outline)}


def _cloud(node: Node) -> CloudConditions:
    """Return what decides on figures of the cloud: other accounts, and priced traffic."""
    accounts = node_at(node, ("spec", "cloud", "accounts"))
    names = accounts.entries if isinstance(accounts, Map) else {}
    priced = node_at(node, ("spec", "cloud", "crossZoneTraffic")) is not None
    return CloudConditions(
        other_accounts=tuple(OtherAccount(name, ()) for name in names),
        cross_zone_traffic=CrossZoneTraffic(0) if priced else None,
    )


def _classes(node: Node, known: Sequence[str]) -> Sequence[str]:
    """Return the priority classes that an application can have."""
    written = node_at(node, ("priorityClass",))
    if not isinstance(written, Scalar) or not isinstance(written.value, str):
        return (DEFAULT_PRIORITY_CLASS,)
    named = written.value
    may_be_misspelt = known and named not in (DEFAULT_PRIORITY_CLASS, *known)
    return (named, *known) if may_be_misspelt else (named,)


def _application(name: str, node: Node, priority_class: str, noter: Noter) -> Application:
    """Return an application with all that decides on its figures; a faulty one may have any."""
    may_have_any = noter.is_faulty((*_APPLICATIONS, name)) or not _is_understood(node)
    template = PodTemplate(labels={}, spec=PodSpec(containers=()))
    has_hpa = may_have_any or _is_written(node, "hpa")
    has_demand = may_have_any or _is_written(node, "demand")
    spec = HpaSpec(namespace="", target_name=name, max_replicas=1, metrics=())
    return Application(
        namespace="",
        name=name,
        priority_class=priority_class,
        template=template,
        replicas=1,
        demand=(DemandPoint(0, 0),) if has_demand else (),
        idle_millicores=1 if _is_written(node, "usage") else 0,
        autoscaler=Autoscaler(spec, HpaControllerConfig()) if has_hpa else None,
        requests=Requests("", "/", 1) if may_have_any or _is_written(node, "ingress") else None,
        memory=MemoryUse(0) if may_have_any or _is_written(node, "memoryUse") else None,
    )


def _is_understood(node: Node) -> bool:
    return isinstance(node, Map) and all(key in _FIELDS for key in node.entries)


def _is_written(node: Node, *field: str) -> bool:
    found = node_at(node, field)
    return found is not None and not (isinstance(found, Scalar) and found.value is None)
