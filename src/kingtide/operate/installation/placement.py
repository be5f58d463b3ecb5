"""On which nodes the pods run: those of the tools, and never both on one."""

from __future__ import annotations

from kingtide.compile.document import Body
from kingtide.fleet.expansion import dedicated_toleration
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.kube.nodes import GROUP_LABEL, LIFECYCLE_LABEL
from kingtide.operate.installation.installation import Installation

HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"


def placement(installation: Installation, selected: Body) -> Body:
    """Return where the pods with these labels may run.

    Without the group they go where there is room, rather onto on-demand nodes: who replaces spot
    nodes had better not leave with them.
    """
    found: Body = {"topologySpreadConstraints": [*_spread(selected)]}
    if not has_group(installation):
        found["affinity"] = _rather_not_on_spot()
        return found
    found["nodeSelector"] = {GROUP_LABEL: installation.group}
    if installation.cluster.spec.node_groups[installation.group].dedicated:
        it = dedicated_toleration(installation.group)
        found["tolerations"] = [
            {"effect": it.effect, "key": it.key, "operator": it.operator, "value": it.value}
        ]
    return found


def has_group(installation: Installation) -> bool:
    """Return whether the cluster has the group whose nodes are meant."""
    return installation.group in installation.cluster.spec.node_groups


def is_only_spot(spec: ClusterSpec, group: str) -> bool:
    """Return whether a group has no nodes but spot ones."""
    found = spec.node_groups[group]
    return found.on_demand is None and found.on_demand_fallback is None


def _spread(selected: Body) -> list[Body]:
    """Two on one node are one: that is worth waiting for a node. Zones are only better apart."""
    return [
        {
            "labelSelector": {"matchLabels": {**selected}},
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": otherwise,
        }
        for key, otherwise in ((HOSTNAME, "DoNotSchedule"), (ZONE, "ScheduleAnyway"))
    ]


def _rather_not_on_spot() -> Body:
    on_spot: Body = {"key": LIFECYCLE_LABEL, "operator": "NotIn", "values": ["spot"]}
    preferred: Body = {"preference": {"matchExpressions": [on_spot]}, "weight": 100}
    return {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [preferred]}}
