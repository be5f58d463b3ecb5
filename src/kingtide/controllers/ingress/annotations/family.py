"""What a family of annotations is given, and what it makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from kingtide.controllers.ingress.desired import Mode, SecretFile, UserList
from kingtide.controllers.ingress.directive import Directive, PatternFile
from kingtide.controllers.ingress.external_auth.settings import AuthSettings
from kingtide.controllers.ingress.told import Problem
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy

PREFIXES = ("haproxy.org/", "ingress.kubernetes.io/", "haproxy.com/")
"""Under which an annotation is looked for; the first one found counts."""


def unprefixed(annotations: Mapping[str, str]) -> Mapping[str, str]:
    """Return annotations under one of our prefixes by their names without it."""
    found: dict[str, str] = {}
    for prefix in PREFIXES if annotations else ():
        for key, text in annotations.items():
            if key.startswith(prefix) and text.strip():
                found.setdefault(key.removeprefix(prefix), text)
    return found


class Scope(msgspec.Struct, frozen=True, gc=False):
    """Where annotations stand, nearest first: on the Service, on the Ingress, in the ConfigMap.

    None of their names bears a prefix. `namespace` is that of the Ingress: what it names without
    one stands there. `has_tls`: the Ingress asks for TLS, and there is TLS to be had.
    """

    namespace: str
    service: Mapping[str, str]
    ingress: Mapping[str, str]
    values: Mapping[str, str]
    view: TrafficView
    policy: IngressPolicy
    has_tls: bool = False

    def apart(self) -> tuple[Scope, Scope]:
        """Return what stands in the ConfigMap, and what stands nearer, each by itself.

        For what holds besides each other: haproxytech's carries out the ConfigMap's rules for all
        requests, before those of the Ingress. Source: `HandleCfgMapAnnotations` of
        https://github.com/haproxytech/kubernetes-ingress/blob/v3.2.12/pkg/ingress/ingress.go
        """
        return (
            msgspec.structs.replace(self, service={}, ingress={}),
            msgspec.structs.replace(self, values={}),
        )


class Found(msgspec.Struct, frozen=True, gc=False):
    """What annotations ask for of a backend, and which of them have no effect.

    `captures` are lengths of what is logged of a request, one a slot. `slots` None: the policy's.
    `is_alone`: the backend is shared with no other Ingress. `external_auth` None: nobody is
    asked about its requests.
    """

    directives: tuple[Directive, ...] = ()
    files: tuple[PatternFile, ...] = ()
    server_words: tuple[str, ...] = ()
    needs_slots: bool = False
    mode: Mode = "http"
    problems: tuple[Problem, ...] = ()
    user_lists: tuple[UserList, ...] = ()
    secret_files: tuple[SecretFile, ...] = ()
    captures: tuple[int, ...] = ()
    slots: int | None = None
    is_alone: bool = False
    external_auth: AuthSettings | None = None

    def plus(self, other: Found) -> Found:
        """Return both."""
        return Found(
            self.directives + other.directives,
            self.files + other.files,
            self.server_words + other.server_words,
            self.needs_slots or other.needs_slots,
            "tcp" if "tcp" in (self.mode, other.mode) else "http",
            self.problems + other.problems,
            self.user_lists + other.user_lists,
            self.secret_files + other.secret_files,
            self.captures + other.captures,
            self.slots if other.slots is None else other.slots,
            self.is_alone or other.is_alone,
            other.external_auth or self.external_auth,
        )


Family = Callable[[Scope], Found]
"""Reads its annotations of a scope; never raises: what cannot be read is a problem."""
