"""Which objects are looked at: their kind, namespace, name, labels and owner."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.scalables import Scalable


class Selection:
    """A policy's patterns, compiled for one pass."""

    def __init__(self, policy: DownscalingPolicy) -> None:
        self._policy = policy
        self._excluded_namespaces = _compiled(policy.excluded_namespaces)
        self._matching_labels = _compiled(policy.matching_labels)
        self._excluded_labels = _compiled(policy.excluded_labels)

    def takes(self, it: Scalable) -> bool:
        """Return whether an object is looked at; others are not touched, not even to restore."""
        policy = self._policy
        if it.kind not in policy.kinds or it.name in policy.excluded_names:
            return False
        if policy.namespaces and it.namespace not in policy.namespaces:
            return False
        if any(pattern.fullmatch(it.namespace) for pattern in self._excluded_namespaces):
            return False
        if policy.matching_labels and not _matches(self._matching_labels, it.labels):
            return False
        return not _matches(self._excluded_labels, it.labels) and not _is_owned(it)

    def scans(self, namespace: str) -> bool:
        """Return whether a namespace is among those that are looked at at all."""
        return not self._policy.namespaces or namespace in self._policy.namespaces


def _is_owned(it: Scalable) -> bool:
    """Whether its owner is who scales it: a CronJob its Jobs, a Stack its Deployment."""
    if it.kind == "Job":
        return bool(it.owners)
    return it.kind == "Deployment" and any(owner.kind == "Stack" for owner in it.owners)


def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


def _matches(patterns: tuple[re.Pattern[str], ...], labels: Mapping[str, str]) -> bool:
    return any(
        pattern.fullmatch(f"{key}={value}") for pattern in patterns for key, value in labels.items()
    )
