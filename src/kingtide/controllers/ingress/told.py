"""What is told of each Ingress: whether it has effect, and what of it has none, and why."""

from __future__ import annotations

from typing import Literal

import msgspec

Code = Literal[
    "AddressUnusable",
    "AnnotationInvalid",
    "AnnotationUnknown",
    "BackendClosed",
    "BackendNotAService",
    "CanaryWithoutEffect",
    "CertificateConflict",
    "CertificateExpired",
    "CertificateInvalid",
    "ConfigMapMissing",
    "HostInvalid",
    "PathConflict",
    "PathInvalid",
    "PortMissing",
    "SecretMissing",
    "SecretRefused",
    "ServiceMissing",
    "SnippetRefused",
]
"""What can be wrong with an Ingress; the reason of its Event."""


class Problem(msgspec.Struct, frozen=True, gc=False, order=True):
    """A part of an Ingress that has no effect: where, why, and what to do."""

    code: Code
    place: str
    message: str


class IngressReport(msgspec.Struct, frozen=True, gc=False):
    """One Ingress of ours: `routes` counts those that have effect."""

    ingress: str
    routes: int
    problems: tuple[Problem, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether anything of it has effect."""
        return self.routes > 0
