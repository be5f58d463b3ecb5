"""Which other pods a rule of a pod speaks about: label selector and namespaces, resolved."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.kube.labels import LabelSelector, Requirement, selector_matches
from kingtide.kube.pods import PodAffinityTerm


class PodSelector(msgspec.Struct, frozen=True, gc=False):
    """Pods that `labels` selects in `namespaces` or in namespaces that a selector selects.

    `labels` None selects nothing, `namespace_selector` None adds no namespace.
    """

    namespaces: tuple[str, ...]
    labels: LabelSelector | None
    namespace_selector: LabelSelector | None = None

    def selects(
        self, namespace: str, namespace_labels: Mapping[str, str], labels: Mapping[str, str]
    ) -> bool:
        """Return whether a pod with these labels in this namespace is selected."""
        if self.labels is None:
            return False
        if namespace not in self.namespaces and (
            self.namespace_selector is None
            or not selector_matches(self.namespace_selector, namespace_labels)
        ):
            return False
        return selector_matches(self.labels, labels)


def affinity_selector(
    term: PodAffinityTerm, namespace: str, pod_labels: Mapping[str, str]
) -> PodSelector:
    """Return the pods that an affinity term of a pod in a namespace speaks about."""
    own = not term.namespaces and term.namespace_selector is None
    selector = merged(term.selector, term.match_label_keys, pod_labels, "In")
    selector = merged(selector, term.mismatch_label_keys, pod_labels, "NotIn")
    return PodSelector(
        namespaces=(namespace,) if own else tuple(sorted(term.namespaces)),
        labels=selector,
        namespace_selector=term.namespace_selector,
    )


def merged(
    selector: LabelSelector | None,
    keys: tuple[str, ...],
    pod_labels: Mapping[str, str],
    operator: str,
) -> LabelSelector | None:
    """Return a selector narrowed by the pod's own values of `keys`, as matchLabelKeys are.

    Keys that the pod does not have change nothing.
    """
    extra = tuple(
        Requirement(key=key, operator="In" if operator == "In" else "NotIn", values=(value,))
        for key in keys
        if (value := pod_labels.get(key)) is not None
    )
    if selector is None or not extra:
        return selector
    return msgspec.structs.replace(selector, match_expressions=selector.match_expressions + extra)
