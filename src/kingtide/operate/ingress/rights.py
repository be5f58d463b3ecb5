"""The rights that the ingress controller's process needs in a cluster."""

from __future__ import annotations

from kingtide.control.action import Permission
from kingtide.kube.wire.traffic import traffic_kinds
from kingtide.live.kubernetes.rights import CORE

FOLLOWING_RIGHTS = tuple(
    Permission(it.group or CORE, verb, it.plural)
    for it in traffic_kinds().values()
    for verb in ("list", "watch")
)
"""In the whole cluster: Secrets too, as an Ingress may name any of its namespace."""
STATUS_RIGHTS = (Permission("networking.k8s.io", "patch", "ingresses/status"),)
BALANCER_RIGHTS = (Permission(CORE, "get", "services"),)
"""On the Service whose load balancer is told."""
