"""Objects that a user names: files, folders, or what is piped in."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from kingtide.cli.failure import BadInput
from kingtide.files.manifest_files import named_manifests
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.yaml_stream import MAX_MANIFEST_BYTES
from kingtide.fleet.manifests import Manifest, ManifestFile, read_manifests

STDIN = Path("-")


def manifests_of(
    paths: Iterable[Path], findings: Findings, *, command: str
) -> tuple[Manifest, ...]:
    """Return the objects of files, of folders of them, and of `-` for what is piped in.

    Raises:
        BadInput: a path is an option that nobody knows, or too much is piped in.
        Mistakes: a file cannot be read; what is wrong within one is noted.
    """
    named = tuple(paths)
    for it in named:
        if str(it).startswith("-") and it != STDIN:
            raise BadInput(f"unknown option: {it}", hint=f"`kingtide {command} --help` shows them")
    return read_manifests([it for path in named for it in _files(path, findings)], findings)


def _files(path: Path, findings: Findings) -> tuple[ManifestFile, ...]:
    if path != STDIN:
        return named_manifests(path, findings)
    text = sys.stdin.buffer.read(MAX_MANIFEST_BYTES + 1)
    if len(text) > MAX_MANIFEST_BYTES:
        raise BadInput(f"what is piped in is larger than {MAX_MANIFEST_BYTES:,} bytes")
    return (ManifestFile(PurePosixPath("-"), "<stdin>", text),)
