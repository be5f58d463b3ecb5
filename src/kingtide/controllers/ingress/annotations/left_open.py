"""What ingress-nginx kept people out by, on an Ingress that is ours: here nobody reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kingtide.controllers.ingress.annotations.declared import DECLARED
from kingtide.controllers.ingress.annotations.family import unprefixed
from kingtide.controllers.ingress.told import Problem

NGINX = "nginx.ingress.kubernetes.io/"
_LIST = ("allow-list", "whitelist")
_PASSWORD = ("auth-type",)
PROTECTED_BY: Mapping[str, tuple[str, ...]] = {
    "auth-url": ("auth-url",),
    "auth-type": _PASSWORD,
    "auth-secret": _PASSWORD,
    "auth-tls-secret": ("client-ca",),
    "whitelist-source-range": _LIST,
    "allowlist-source-range": _LIST,
    "denylist-source-range": ("deny-list", "blacklist"),
}
"""Theirs, and ours of which one does the same. Whoever changes the class of an Ingress and nothing
else would publish what was protected; all else that is not read changes answers, and people see it.
"""
_NAMES = {f"{NGINX}{name}": name for name in PROTECTED_BY}


def left_open(annotations: Mapping[str, str], values: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for each that has none of ours beside it, nor in the ConfigMap."""
    theirs = [key for key in annotations if key in _NAMES and annotations[key].strip()]
    if not theirs:
        return
    written = {*unprefixed(annotations), *(it for it, text in values.items() if text.strip())}
    for key in sorted(theirs):
        ours = PROTECTED_BY[_NAMES[key]]
        if written.isdisjoint(ours):
            instead = f"haproxy.org/{ours[0]}"
            if "ingress" not in DECLARED[ours[0]].on:
                instead = f"{ours[0]} in the ConfigMap"
            message = f"it keeps nobody out here: write {instead}"
            yield Problem("AnnotationUnknown", f"metadata.annotations[{key}]", message)
