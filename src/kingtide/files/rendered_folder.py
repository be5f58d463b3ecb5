"""Read the folder that `kingtide compile` wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from kingtide.files.reading import read_bytes
from kingtide.fleet.documents.mistakes import Mistake, Mistakes
from kingtide.fleet.documents.tree import Place
from kingtide.fleet.documents.yaml_stream import MAX_MANIFEST_BYTES

KOPS_FILE = "kops.yaml"
OBJECTS_FILE = "objects.yaml"
VALUES_SUFFIX = ".values.yaml"


def is_rendered(folder: Path) -> bool:
    """Return whether a folder holds clusters as `kingtide compile` writes them."""
    return any(True for name in (KOPS_FILE, OBJECTS_FILE) for _ in folder.glob(f"*/{name}"))


class RenderedCluster(msgspec.Struct, frozen=True):
    """The texts of one cluster's files: kops documents, objects, Helm values by tool."""

    kops: str
    objects: str
    tools: Mapping[str, bytes]


def read_rendered(folder: Path) -> Mapping[str, RenderedCluster]:
    """Return every cluster by name.

    Raises:
        Mistakes: a file cannot be read, or is missing beside the others of its cluster.
    """
    found = {}
    clusters = [it.parent for name in (KOPS_FILE, OBJECTS_FILE) for it in folder.glob(f"*/{name}")]
    for cluster in sorted(dict.fromkeys(clusters)):
        path = cluster / KOPS_FILE
        tools = {
            it.name.removesuffix(VALUES_SUFFIX): read_bytes(it)
            for it in sorted((path.parent / "tools").glob(f"*{VALUES_SUFFIX}"))
        }
        found[path.parent.name] = RenderedCluster(
            kops=_text(path),
            objects=_text(cluster / OBJECTS_FILE),
            tools=tools,
        )
    return found


def _text(path: Path) -> str:
    content = read_bytes(path, max_bytes=MAX_MANIFEST_BYTES)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        place = Place(str(path), line, 1)
        wrong = Mistake(place, "", "is not UTF-8 text", "compile the folder again")
        raise Mistakes([wrong]) from error
