"""Read the folder that `kingtide compile` wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kingtide.files.reading import read_bytes
from kingtide.fleet.documents.yaml_stream import MAX_MANIFEST_BYTES

KOPS_FILE = "kops.yaml"
OBJECTS_FILE = "objects.yaml"


def is_rendered(folder: Path) -> bool:
    """Return whether a folder holds clusters as `kingtide compile` writes them."""
    return any(folder.glob(f"*/{KOPS_FILE}"))


def read_rendered(folder: Path) -> Mapping[str, tuple[bytes, bytes]]:
    """Return the kops documents and the objects of every cluster by name.

    Raises:
        Mistakes: a file cannot be read.
    """
    found = {}
    for path in sorted(folder.glob(f"*/{KOPS_FILE}")):
        objects = path.with_name(OBJECTS_FILE)
        text = read_bytes(objects, max_bytes=MAX_MANIFEST_BYTES) if objects.is_file() else b""
        found[path.parent.name] = (read_bytes(path, max_bytes=MAX_MANIFEST_BYTES), text)
    return found
