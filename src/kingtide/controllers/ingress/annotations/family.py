"""What a family of annotations is given, and what it makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from kingtide.controllers.ingress.desired import Mode
from kingtide.controllers.ingress.directive import Directive, PatternFile
from kingtide.controllers.ingress.told import Problem
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy

PREFIXES = ("haproxy.org/", "ingress.kubernetes.io/", "haproxy.com/")
"""Under which an annotation is looked for; the first one found counts."""


class Scope(msgspec.Struct, frozen=True, gc=False):
    """Where annotations stand, nearest first: on the Service, on the Ingress, in the ConfigMap.

    `values` of the ConfigMap bear no prefix. `namespace` is that of the Ingress: what it names
    without one stands there.
    """

    namespace: str
    service: Mapping[str, str]
    ingress: Mapping[str, str]
    values: Mapping[str, str]
    view: TrafficView
    policy: IngressPolicy


class Found(msgspec.Struct, frozen=True, gc=False):
    """What annotations ask for of a backend, and which of them have no effect."""

    directives: tuple[Directive, ...] = ()
    files: tuple[PatternFile, ...] = ()
    server_words: tuple[str, ...] = ()
    needs_slots: bool = False
    mode: Mode = "http"
    problems: tuple[Problem, ...] = ()

    def plus(self, other: Found) -> Found:
        """Return both."""
        return Found(
            self.directives + other.directives,
            self.files + other.files,
            self.server_words + other.server_words,
            self.needs_slots or other.needs_slots,
            "tcp" if "tcp" in (self.mode, other.mode) else "http",
            self.problems + other.problems,
        )


Family = Callable[[Scope], Found]
"""Reads its annotations of a scope; never raises: what cannot be read is a problem."""
