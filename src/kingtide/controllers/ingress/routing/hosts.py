"""Which host of the rules a request's Host header means.

Exact first, then the wildcard of its first label, then rules of any host. A host that has rules of
its own never falls back to wider ones for a path that it lacks: what answers for a host is its
Ingress and nobody else's (jcmoraisjr's `strict-host: "true"`, which is haproxytech's only way).
"""

from __future__ import annotations

from collections.abc import Collection

ANY_HOST = ""
"""The key of rules without a host."""


def host_of(header: str | None) -> str:
    """Return the host that a Host header names: lower case, without port and final dots.

    An absent header is empty, which matches rules of any host only. A port is what follows the last
    colon, but within brackets, where an IPv6 address has colons of its own (RFC 3986, section
    3.2.2): HAProxy's `host_only`.
    """
    text = (header or "").lower()
    colon = text.rfind(":")
    if colon > text.rfind("]"):
        text = text[:colon]
    return text.rstrip(".")


def host_key(host: str) -> str:
    """Return the key of a rule's host: as written, in lower case and without final dots."""
    return host.lower().rstrip(".")


def keys_tried(host: str) -> tuple[str, ...]:
    """Return under which keys a request's host is looked for, in this order."""
    first, dot, rest = host.partition(".")
    if not host:
        return (ANY_HOST,)
    if not dot or not first:
        return (host, ANY_HOST)
    return (host, f"*.{rest}", ANY_HOST)


def matched_key(host: str, keys: Collection[str]) -> str | None:
    """Return the key of the rules that answer for a host, None where none do."""
    return next((key for key in keys_tried(host) if key in keys), None)
