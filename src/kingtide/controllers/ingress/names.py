"""Which texts are names that HAProxy and DNS can hold."""

from __future__ import annotations

from hashlib import blake2s
from re import fullmatch

from kingtide.controllers.ingress.directive import NotWritable, check_word

MAX_NAME = 253
"""Characters of a DNS name (RFC 1035, section 2.3.4)."""
MAX_PATH = 2_048
"""Characters of a path; HAProxy compares it with the host before it, within one buffer."""


def as_name(text: str) -> str:
    """Return a text where HAProxy takes a name: itself if that can be, else its digest.

    The API lets nothing but names through; whoever got another one in gets no more than a name.
    """
    if fullmatch(r"[A-Za-z0-9._-]{1,253}", text):
        return text
    return blake2s(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def dns_name_problem(name: str) -> str:
    """Return why a text is no DNS name, nothing where it is one."""
    if len(name) > MAX_NAME:
        return f"it has {len(name)} characters, a DNS name at most {MAX_NAME}"
    if fullmatch(r"[A-Za-z0-9._-]*", name) is None:
        return "it is no DNS name: letters, digits, hyphens and dots"
    return "" if name.strip(".") else "it is no DNS name"


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
    if any(char.isspace() for char in path):
        return "it has a space, which no request's path has; write %20"
    try:
        check_word(path)
    except NotWritable as error:
        return str(error)
    return ""
