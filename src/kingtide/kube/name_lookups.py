"""Which names a pod's resolver asks for when a program looks one up.

As glibc does: resolv.conf(5), `ndots` and `search` (man-pages 6.9), with kubelet's search list of
https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/ (v1.36).
"""

from __future__ import annotations

QUERIES_A_NAME = 2
"""A and AAAA: what getaddrinfo asks for where it is told neither (`AF_UNSPEC`)."""


def search_list(namespace: str, domain: str) -> tuple[str, ...]:
    """Return the suffixes that kubelet writes for pods of a namespace; a node's own come last."""
    return (f"{namespace}.svc.{domain}", f"svc.{domain}", domain)


def names_tried(name: str, ndots: int, search: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in the order in which they are asked for, without their last dot.

    A name that ends with a dot is asked for as it stands. One with fewer dots than `ndots` is
    asked for with each suffix first, any other one as it stands first.
    """
    if name.endswith("."):
        return (name[:-1],)
    completed = tuple(f"{name}.{suffix}" for suffix in search)
    return (*completed, name) if name.count(".") < ndots else (name, *completed)
