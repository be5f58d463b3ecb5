"""Secrets: what they hold is never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

TLS_CERTIFICATE, TLS_KEY, CA_CERTIFICATE = "tls.crt", "tls.key", "ca.crt"
"""Keys of a Secret of type kubernetes.io/tls, and of one for client certificates. Source:
https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets (v1.36)."""


class Secret(msgspec.Struct, frozen=True, gc=False):
    """A Secret; values are bytes as decoded. Its repr tells names and sizes only."""

    namespace: str
    name: str
    type: str = "Opaque"
    data: Mapping[str, bytes] = {}
    resource_version: int = 0

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}: {len(value)} bytes" for name, value in self.data.items())
        return f"Secret({self.key!r}, {self.type!r}, {{{sizes}}})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("key", self.key), ("type", self.type), ("data", sorted(self.data))]
