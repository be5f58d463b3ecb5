"""What a pod asks of ports, images and other pods, resolved from its spec once per shape."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controlplane.scheduling.pod_selector import PodSelector, affinity_selector, merged
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL
from kingtide.kube.pods import HostPort, PodAffinityTerm, PodSpec, TopologySpreadConstraint

SYSTEM_DEFAULT_CONSTRAINTS = (
    TopologySpreadConstraint(3, HOSTNAME_LABEL, "ScheduleAnyway"),
    TopologySpreadConstraint(5, ZONE_LABEL, "ScheduleAnyway"),
)
"""How pods of one Service or owner are spread where nobody wrote constraints.

Source: pkg/scheduler/framework/plugins/podtopologyspread/plugin.go, systemDefaultConstraints
(v1.36).
"""
REQUIRED_AFFINITY_WEIGHT = 1
"""What a placed pod's required affinity to an arriving pod is worth (hardPodAffinityWeight)."""


class SpreadRule(msgspec.Struct, frozen=True, gc=False):
    """A topology spread constraint with its selector resolved."""

    max_skew: int
    topology_key: str
    pods: PodSelector
    min_domains: int
    honors_affinity: bool
    honors_taints: bool


class AffinityRule(msgspec.Struct, frozen=True, gc=False):
    """The pods to be near to, or away from, within one value of a node label."""

    topology_key: str
    pods: PodSelector


class WeightedAffinityRule(msgspec.Struct, frozen=True, gc=False):
    """An affinity that is worth `weight` points a pod; negative for anti-affinity."""

    weight: int
    rule: AffinityRule


class PodRules(msgspec.Struct, frozen=True, gc=False):
    """The resolved rules of one pod.

    `preferred` is what the pod itself prefers; `attraction` is what it is worth, placed, to
    arriving pods that match (its required affinity included). `needs_all_keys` tells whether nodes
    without one of the soft constraints' keys are left out of their score (not so for the default
    ones).
    """

    host_ports: tuple[HostPort, ...] = ()
    images: tuple[str, ...] = ()
    hard_spread: tuple[SpreadRule, ...] = ()
    soft_spread: tuple[SpreadRule, ...] = ()
    needs_all_keys: bool = False
    affinity: tuple[AffinityRule, ...] = ()
    anti_affinity: tuple[AffinityRule, ...] = ()
    preferred: tuple[WeightedAffinityRule, ...] = ()
    attraction: tuple[WeightedAffinityRule, ...] = ()
    default_selector: LabelSelector | None = None
    pinned_nodes: tuple[str, ...] | None = None

    @property
    def without_ports(self) -> PodRules:
        """The rules that do not depend on which pods hold which port."""
        return msgspec.structs.replace(self, host_ports=())


def rules_of(
    spec: PodSpec,
    namespace: str,
    labels: Mapping[str, str],
    default_selector: LabelSelector | None,
) -> PodRules:
    """Return the rules of a pod; `default_selector` is what system default spreading counts."""
    constraints = spec.topology_spread
    if not constraints and default_selector is not None:
        constraints = tuple(
            msgspec.structs.replace(constraint, selector=default_selector)
            for constraint in SYSTEM_DEFAULT_CONSTRAINTS
        )
    hard, soft = (
        tuple(_spread(c, namespace, labels) for c in constraints if c.when_unsatisfiable == wanted)
        for wanted in ("DoNotSchedule", "ScheduleAnyway")
    )

    def resolve(term: PodAffinityTerm) -> AffinityRule:
        return AffinityRule(term.topology_key, affinity_selector(term, namespace, labels))

    affinity = tuple(map(resolve, spec.required_pod_affinity))
    liked = tuple(
        WeightedAffinityRule(p.weight, resolve(p.term)) for p in spec.preferred_pod_affinity
    )
    disliked = tuple(
        WeightedAffinityRule(-p.weight, resolve(p.term)) for p in spec.preferred_pod_anti_affinity
    )
    needed = tuple(WeightedAffinityRule(REQUIRED_AFFINITY_WEIGHT, rule) for rule in affinity)
    return PodRules(
        host_ports=_host_ports(spec),
        images=tuple(normalized_image(c.image) for c in (*spec.init_containers, *spec.containers)),
        hard_spread=hard,
        soft_spread=soft,
        needs_all_keys=bool(spec.topology_spread),
        affinity=affinity,
        anti_affinity=tuple(map(resolve, spec.required_pod_anti_affinity)),
        preferred=liked + disliked,
        attraction=needed + liked + disliked,
        default_selector=default_selector,
        pinned_nodes=_pinned_nodes(spec),
    )


def normalized_image(image: str) -> str:
    """Return an image name with its tag, `latest` where none is written."""
    return f"{image}:latest" if image.rfind(":") <= image.rfind("/") else image


def _spread(
    constraint: TopologySpreadConstraint, namespace: str, labels: Mapping[str, str]
) -> SpreadRule:
    return SpreadRule(
        max_skew=constraint.max_skew,
        topology_key=constraint.topology_key,
        pods=PodSelector(
            (namespace,), merged(constraint.selector, constraint.match_label_keys, labels, "In")
        ),
        min_domains=1 if constraint.min_domains is None else constraint.min_domains,
        honors_affinity=constraint.node_affinity_policy == "Honor",
        honors_taints=constraint.node_taints_policy == "Honor",
    )


def _host_ports(spec: PodSpec) -> tuple[HostPort, ...]:
    """Return the ports that containers and sidecars take; other init containers take none."""
    sidecars = tuple(c for c in spec.init_containers if c.always_restarts)
    return tuple(port for c in (*sidecars, *spec.containers) for port in c.host_ports)


def _pinned_nodes(spec: PodSpec) -> tuple[str, ...] | None:
    """Return the node names that the terms' matchFields allow, as DaemonSet pods have them."""
    names: list[str] = []
    for term in spec.required_node_affinity:
        named = [r.values for r in term.match_fields if r.operator == "In"]
        if not named:
            return None
        names += [name for name in named[0] if all(name in other for other in named)]
    return tuple(dict.fromkeys(names)) if spec.required_node_affinity else None
