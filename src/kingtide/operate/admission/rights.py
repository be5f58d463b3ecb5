"""The rights that the webhook's process needs in a cluster, beside being asked."""

from __future__ import annotations

from kingtide.control.action import Permission
from kingtide.controllers.admission.webhooks import KINDS
from kingtide.live.kubernetes.rights import CORE

SECRET_RIGHTS = tuple(Permission(CORE, verb, "secrets") for verb in ("create", "get", "patch"))
"""In our namespace; all but `create` can be bound to the Secret's name (webhooks.CONFIGURATION)."""

REGISTERING_RIGHTS = tuple(
    Permission("admissionregistration.k8s.io", verb, f"{kind.lower()}s")
    for kind in KINDS.values()
    for verb in ("get", "patch")
)
"""Can be bound to the configurations' name (webhooks.CONFIGURATION)."""

SEEING_RIGHTS = tuple(
    Permission(api, verb, resource)
    for api, resource in ((CORE, "namespaces"), ("scheduling.k8s.io", "priorityclasses"))
    for verb in ("list", "watch")
)
"""In the whole cluster."""
