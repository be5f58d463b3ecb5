"""ConfigMaps, in which settings stand that controllers and users read."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.compile.document import Document
from kingtide.compile.kubernetes.metadata import metadata


def config_map(
    name: str,
    namespace: str,
    data: Mapping[str, str],
    labels: Mapping[str, str] | None = None,
) -> Document:
    """Return a ConfigMap."""
    return Document(
        {
            "apiVersion": "v1",
            "data": {**data},
            "kind": "ConfigMap",
            "metadata": metadata(name, namespace, labels=labels),
        }
    )
