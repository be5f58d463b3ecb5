"""Which step from one Kubernetes version to another a cluster may take."""

from __future__ import annotations

import re

_VERSION = re.compile(r"v?([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})")


def version_refusal(before: str, after: str) -> str | None:
    """Return why a cluster must not go from one version to another at once, None if it may.

    A control plane goes up one minor version at a time and never down; patch versions go both ways.
    Source: https://kubernetes.io/releases/version-skew-policy/ (v1.36).
    """
    old, new = _VERSION.fullmatch(before), _VERSION.fullmatch(after)
    if old is None or new is None:
        return None
    from_minor = int(old[1]), int(old[2])
    to_minor = int(new[1]), int(new[2])
    if to_minor < from_minor:
        return f"Kubernetes cannot go back from {before} to {after}; make a new cluster"
    if to_minor[0] != from_minor[0] or to_minor[1] - from_minor[1] > 1:
        following = f"{from_minor[0]}.{from_minor[1] + 1}"
        return f"Kubernetes goes up one minor version at a time; plan {following} before {after}"
    return None
