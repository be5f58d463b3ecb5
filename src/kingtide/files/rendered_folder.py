"""Read the folder that `kingtide compile` wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from kingtide.files.reading import read_bytes
from kingtide.fleet.documents.yaml_stream import MAX_MANIFEST_BYTES

KOPS_FILE = "kops.yaml"
OBJECTS_FILE = "objects.yaml"
VALUES_SUFFIX = ".values.yaml"


def is_rendered(folder: Path) -> bool:
    """Return whether a folder holds clusters as `kingtide compile` writes them."""
    return any(folder.glob(f"*/{KOPS_FILE}"))


class RenderedCluster(msgspec.Struct, frozen=True):
    """The texts of one cluster's files: kops documents, objects, Helm values by tool."""

    kops: bytes
    objects: bytes
    tools: Mapping[str, bytes]


def read_rendered(folder: Path) -> Mapping[str, RenderedCluster]:
    """Return every cluster by name.

    Raises:
        Mistakes: a file cannot be read.
    """
    found = {}
    for path in sorted(folder.glob(f"*/{KOPS_FILE}")):
        objects = path.with_name(OBJECTS_FILE)
        tools = {
            it.name.removesuffix(VALUES_SUFFIX): read_bytes(it)
            for it in sorted((path.parent / "tools").glob(f"*{VALUES_SUFFIX}"))
        }
        found[path.parent.name] = RenderedCluster(
            kops=read_bytes(path, max_bytes=MAX_MANIFEST_BYTES),
            objects=read_bytes(objects, max_bytes=MAX_MANIFEST_BYTES) if objects.is_file() else b"",
            tools=tools,
        )
    return found
