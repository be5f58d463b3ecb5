"""The rights that a live process needs in a cluster, beside those that its actions name.

An action names the write; to make it only if the object still is as expected, the object is read
first. Following needs `list` and `watch`, leading and telling what they write themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kingtide.control.action import Action, Permission, TerminateInstance
from kingtide.kube.wire.kinds import ApiKind, api_kinds
from kingtide.live.kubernetes.observing.followed import followed_kinds

CORE = "core"
"""What Permission calls the API group that has no name."""

LEADING = tuple(
    Permission("coordination.k8s.io", verb, "leases") for verb in ("create", "get", "patch")
)
"""In the namespace of the Lease; `create` cannot be bound to a name, the others can."""
TELLING = (Permission(CORE, "create", "events"), Permission(CORE, "patch", "events"))
"""In every namespace whose objects are told of."""


def following_rights() -> tuple[Permission, ...]:
    """Return the rights to follow every kind; ConfigMaps are apart, by name.

    Kinds that a cluster may lack are among them: without the right the answer is 403, not 404, and
    whether they are there cannot be told.
    """
    return _reading(followed_kinds().values())


def config_map_rights() -> tuple[Permission, ...]:
    """Return the rights to follow ConfigMaps; a role should bind them to the names followed."""
    return _reading((api_kinds()["ConfigMap"],))


def performing_rights(actions: Iterable[type[Action]]) -> tuple[Permission, ...]:
    """Return what performing these actions takes in a cluster, sorted, each once."""
    needed: dict[Permission, None] = {}
    for action in actions:
        for right in action.REQUIRES:
            if right.api == "aws":
                continue
            needed[right] = None
            if right.verb == "patch":
                needed[msgspec.structs.replace(right, verb="get")] = None
        if action is TerminateInstance:
            needed[Permission(CORE, "list", "nodes")] = None  # it may be a node after all
    return tuple(sorted(needed))


def _reading(kinds: Iterable[ApiKind]) -> tuple[Permission, ...]:
    return tuple(
        Permission(it.group or CORE, verb, it.plural) for it in kinds for verb in ("list", "watch")
    )
