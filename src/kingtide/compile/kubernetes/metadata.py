"""The metadata that all generated Kubernetes objects share."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.compile.document import Body

MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
"""Source (v1.36):
https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
"""
MANAGER = "kingtide"


def metadata(
    name: str,
    namespace: str | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Body:
    """Return an object's metadata; `namespace` None for what stands in none."""
    found: Body = {"labels": {MANAGED_BY_LABEL: MANAGER, **(labels or {})}, "name": name}
    if namespace is not None:
        found["namespace"] = namespace
    if annotations:
        found["annotations"] = {**annotations}
    return found
