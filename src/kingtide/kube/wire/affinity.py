"""Affinity and topology spread of pods, to and from the API's form."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kingtide.kube.pods import (
    PodAffinityTerm,
    PodSpec,
    PreferredNodeTerm,
    TopologySpreadConstraint,
    WeightedPodAffinityTerm,
)
from kingtide.kube.wire.selectors import WireNodeTerm, WireSelector, node_term_body, selector_body


class _NodeSelector(msgspec.Struct, rename="camel", frozen=True, gc=False):
    node_selector_terms: tuple[WireNodeTerm, ...] = ()


class _PreferredNode(msgspec.Struct, rename="camel", frozen=True, gc=False):
    weight: int
    preference: WireNodeTerm


_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


class _NodeAffinity(msgspec.Struct, frozen=True, gc=False):
    required: _NodeSelector | None = msgspec.field(name=_REQUIRED, default=None)
    preferred: tuple[_PreferredNode, ...] | None = msgspec.field(name=_PREFERRED, default=None)


class _PodTerm(msgspec.Struct, rename="camel", frozen=True, gc=False):
    topology_key: str
    label_selector: WireSelector | None = None
    namespaces: tuple[str, ...] | None = None
    namespace_selector: WireSelector | None = None
    match_label_keys: tuple[str, ...] | None = None
    mismatch_label_keys: tuple[str, ...] | None = None

    def value(self) -> PodAffinityTerm:
        namespaces = self.namespace_selector
        return PodAffinityTerm(
            self.topology_key,
            None if self.label_selector is None else self.label_selector.value(),
            self.namespaces or (),
            None if namespaces is None else namespaces.value(),
            self.match_label_keys or (),
            self.mismatch_label_keys or (),
        )


class _WeightedPodTerm(msgspec.Struct, rename="camel", frozen=True, gc=False):
    weight: int
    pod_affinity_term: _PodTerm


class _PodAffinity(msgspec.Struct, frozen=True, gc=False):
    required: tuple[_PodTerm, ...] | None = msgspec.field(name=_REQUIRED, default=None)
    preferred: tuple[_WeightedPodTerm, ...] | None = msgspec.field(name=_PREFERRED, default=None)

    def required_terms(self) -> tuple[PodAffinityTerm, ...]:
        return tuple(it.value() for it in self.required or ())

    def preferred_terms(self) -> tuple[WeightedPodAffinityTerm, ...]:
        return tuple(
            WeightedPodAffinityTerm(it.weight, it.pod_affinity_term.value())
            for it in self.preferred or ()
        )


class WireAffinity(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A pod's affinity."""

    node_affinity: _NodeAffinity | None = None
    pod_affinity: _PodAffinity | None = None
    pod_anti_affinity: _PodAffinity | None = None

    def fields(self) -> dict[str, Any]:
        """Return the fields of a PodSpec that it sets."""
        node = self.node_affinity or _NodeAffinity()
        near, away = self.pod_affinity or _PodAffinity(), self.pod_anti_affinity or _PodAffinity()
        required = node.required or _NodeSelector()
        return {
            "required_node_affinity": tuple(it.value() for it in required.node_selector_terms),
            "preferred_node_affinity": tuple(
                PreferredNodeTerm(it.weight, it.preference.value()) for it in node.preferred or ()
            ),
            "required_pod_affinity": near.required_terms(),
            "preferred_pod_affinity": near.preferred_terms(),
            "required_pod_anti_affinity": away.required_terms(),
            "preferred_pod_anti_affinity": away.preferred_terms(),
        }


class WireSpread(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A topology spread constraint."""

    max_skew: int
    topology_key: str
    when_unsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"]
    label_selector: WireSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: Literal["Honor", "Ignore"] = "Honor"
    node_taints_policy: Literal["Honor", "Ignore"] = "Ignore"
    match_label_keys: tuple[str, ...] | None = None

    def value(self) -> TopologySpreadConstraint:
        """Return the constraint."""
        return TopologySpreadConstraint(
            self.max_skew,
            self.topology_key,
            self.when_unsatisfiable,
            None if self.label_selector is None else self.label_selector.value(),
            self.min_domains,
            self.node_affinity_policy,
            self.node_taints_policy,
            self.match_label_keys or (),
        )


def affinity_body(spec: PodSpec) -> dict[str, Any]:
    """Return a pod's affinity as the API writes it, empty where it has none."""
    body: dict[str, Any] = {}
    node: dict[str, Any] = {}
    if spec.required_node_affinity:
        terms = [node_term_body(it) for it in spec.required_node_affinity]
        node[_REQUIRED] = {"nodeSelectorTerms": terms}
    if spec.preferred_node_affinity:
        node[_PREFERRED] = [
            {"weight": it.weight, "preference": node_term_body(it.term)}
            for it in spec.preferred_node_affinity
        ]
    if node:
        body["nodeAffinity"] = node
    near = _pod_affinity_body(spec.required_pod_affinity, spec.preferred_pod_affinity)
    away = _pod_affinity_body(spec.required_pod_anti_affinity, spec.preferred_pod_anti_affinity)
    if near:
        body["podAffinity"] = near
    if away:
        body["podAntiAffinity"] = away
    return body


def spread_body(it: TopologySpreadConstraint) -> dict[str, Any]:
    """Return a topology spread constraint as the API writes it."""
    body: dict[str, Any] = {
        "maxSkew": it.max_skew,
        "topologyKey": it.topology_key,
        "whenUnsatisfiable": it.when_unsatisfiable,
    }
    if it.selector is not None:
        body["labelSelector"] = selector_body(it.selector)
    if it.min_domains is not None:
        body["minDomains"] = it.min_domains
    if it.node_affinity_policy != "Honor":
        body["nodeAffinityPolicy"] = it.node_affinity_policy
    if it.node_taints_policy != "Ignore":
        body["nodeTaintsPolicy"] = it.node_taints_policy
    if it.match_label_keys:
        body["matchLabelKeys"] = list(it.match_label_keys)
    return body


def _pod_affinity_body(
    required: tuple[PodAffinityTerm, ...], preferred: tuple[WeightedPodAffinityTerm, ...]
) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if required:
        body[_REQUIRED] = [_pod_term_body(it) for it in required]
    if preferred:
        body[_PREFERRED] = [
            {"weight": it.weight, "podAffinityTerm": _pod_term_body(it.term)} for it in preferred
        ]
    return body


def _pod_term_body(it: PodAffinityTerm) -> dict[str, Any]:
    body: dict[str, Any] = {"topologyKey": it.topology_key}
    if it.selector is not None:
        body["labelSelector"] = selector_body(it.selector)
    if it.namespaces:
        body["namespaces"] = list(it.namespaces)
    if it.namespace_selector is not None:
        body["namespaceSelector"] = selector_body(it.namespace_selector)
    if it.match_label_keys:
        body["matchLabelKeys"] = list(it.match_label_keys)
    if it.mismatch_label_keys:
        body["mismatchLabelKeys"] = list(it.mismatch_label_keys)
    return body
