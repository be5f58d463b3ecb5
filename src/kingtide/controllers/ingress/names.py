"""Which texts are names that HAProxy and DNS can hold."""

from __future__ import annotations

from hashlib import blake2s
from ipaddress import IPv4Address, IPv6Address, ip_address
from re import fullmatch

from kingtide.controllers.ingress.directive import NotWritable, check_word

MAX_NAME = 253
"""Characters of a DNS name (RFC 1035, section 2.3.4)."""
MAX_LABEL = 63
"""Characters of one part of it (the same section)."""
MAX_PATH = 2_048
"""Characters of a path; HAProxy compares it with the host before it, within one buffer."""


def as_name(text: str) -> str:
    """Return a text where HAProxy takes a name: itself if that can be, else its digest.

    The API lets nothing but names through; whoever got another one in gets no more than a name.
    Names are joined by underscores, which none has: so no two of them become the same.
    """
    if fullmatch(r"[A-Za-z0-9.-]{1,253}", text):
        return text
    return blake2s(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def dns_name_problem(name: str) -> str:
    """Return why a text is no DNS name, nothing where it is one."""
    if len(name) > MAX_NAME:
        return f"it has {len(name)} characters, a DNS name at most {MAX_NAME}"
    if fullmatch(r"[A-Za-z0-9._-]*", name) is None:
        return "it is no DNS name: letters, digits, hyphens and dots"
    return "" if name.strip(".") else "it is no DNS name"


def outside_problem(name: str) -> str:
    """Return why nobody can be reached by an ExternalName, nothing where somebody may be.

    Source: https://kubernetes.io/docs/concepts/services-networking/service/#externalname (v1.36):
    what looks like an address is a name that no DNS server resolves. The C library would take it
    for the address, and `localhost` for the proxy's own node, so neither is asked for.
    """
    labels = name.removesuffix(".").lower().split(".")
    if fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        return "it is an address; an ExternalName is a DNS name"
    if labels[-1] == "localhost":
        return "it is the node that HAProxy runs on"
    if not all(0 < len(it) <= MAX_LABEL for it in labels):
        return f"it is no DNS name: each part of it has 1 to {MAX_LABEL} characters"
    return dns_name_problem(name)


def address_of(text: str) -> IPv4Address | IPv6Address:
    """Return an address; one of a zone (`fe80::1%eth0`) is none, as any text is a zone.

    Raises:
        ValueError: it is none.
    """
    if "%" in text:
        raise ValueError(f"{text!r} names a zone")
    return ip_address(text)


def host_problem(host: str) -> str:
    """Return why a rule's host cannot be served, nothing where it can: empty is any host."""
    if host == "":
        return ""
    return dns_name_problem(host.removeprefix("*."))


def path_problem(path: str) -> str:
    """Return why a rule's path cannot be served, nothing where it can: empty is all."""
    if path and not path.startswith("/"):
        return "it does not begin with a slash"
    if len(path) > MAX_PATH:
        return f"it has {len(path)} characters, at most {MAX_PATH}"
    if "?" in path:
        return "it has a question mark, where a request's path ends"
    if any(char.isspace() for char in path):
        return "it has a space, which no request's path has; write %20"
    try:
        check_word(path)
    except NotWritable as error:
        return str(error)
    return ""
