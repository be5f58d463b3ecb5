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

    def find(self, name: str) -> str | None:
        """Return what an annotation says, None where nobody writes it."""
        for written in (self.service, self.ingress):
            for prefix in PREFIXES:
                if f"{prefix}{name}" in written:
                    return written[f"{prefix}{name}"]
        return self.values.get(name)


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

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.directives or self.files or self.server_words or self.needs_slots) and (
            self.mode == "http"
        )


Family = Callable[[Scope], Found]
"""Reads its annotations of a scope; never raises: what cannot be read is a problem."""
