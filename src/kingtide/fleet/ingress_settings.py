"""A cluster's `ingress:` as the settings of its ingress controller."""

from __future__ import annotations

from typing import Any

from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.fleet.policies.written import policy_from


def ingress_policy(spec: ClusterSpec) -> IngressPolicy:
    """Return the settings; where the cluster says none, all are the defaults."""
    written: Any = spec.ingress
    return policy_from(IngressPolicy, written, {})
