"""Which path of a host's rules a request meets.

Three looks, as many as HAProxy makes: the path as it stands among the exact ones, then among the
prefixes themselves, then the longest prefix that it begins with. Paths are compared as received:
no decoding, no `..`, upper case is not lower case. Source of the element-wise Prefix:
https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types (v1.36).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.kube.ingresses import PathType

Look = Literal["exact", "prefix_exact", "prefix"]
LOOKS: tuple[Look, ...] = ("exact", "prefix_exact", "prefix")
"""In the order of the looks: an exact path wins over all, a prefix itself over what it begins."""


class PathEntry(msgspec.Struct, frozen=True, gc=False, order=True):
    """A text under which a rule's path is found by one of the looks."""

    look: Look
    text: str


def path_entries(path: str, path_type: PathType) -> tuple[PathEntry, ...]:
    """Return where a rule's path has to stand for requests to find it.

    `Prefix /a` is met by `/a` and all below `/a/`; `ImplementationSpecific /a` by all that begins
    with `/a`, `/abc` too, as haproxytech's controller does it. An empty path is `/`.
    """
    written = path or "/"
    if path_type == "Exact":
        return (PathEntry("exact", written),)
    if path_type == "ImplementationSpecific":
        if written.endswith("/"):  # nothing else that is met there could stand in its place
            return (PathEntry("prefix", written),)
        return (PathEntry("prefix_exact", written), PathEntry("prefix", written))
    whole = written.rstrip("/")
    if not whole:
        return (PathEntry("prefix", "/"),)
    return (PathEntry("prefix_exact", whole), PathEntry("prefix", f"{whole}/"))
