"""Rights as the rules of a Role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kingtide.compile.document import Body
from kingtide.control.action import Permission
from kingtide.live.kubernetes.rights import CORE


def rules(rights: Iterable[Permission], names: Sequence[str] = ()) -> list[Body]:
    """Return the rules that grant rights and no others, on the objects of these names, or on all.

    Resources of one API group with the same verbs share a rule.
    Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ (v1.36).
    """
    verbs: dict[tuple[str, str], list[str]] = {}
    for it in sorted(set(rights)):
        resource = f"{it.resource}/{it.subresource}" if it.subresource else it.resource
        verbs.setdefault((it.api, resource), []).append(it.verb)
    shared: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (api, resource), of in verbs.items():
        shared.setdefault((api, tuple(of)), []).append(resource)
    return [_rule(api, resources, of, names) for (api, of), resources in shared.items()]


def _rule(api: str, resources: Sequence[str], verbs: Sequence[str], names: Sequence[str]) -> Body:
    rule: Body = {
        "apiGroups": ["" if api == CORE else api],
        "resources": [*resources],
        "verbs": [*verbs],
    }
    if names:
        rule["resourceNames"] = [*names]
    return rule
