"""Read the Kubernetes manifests that lie beside a fleet, or that a user names."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from kingtide.files.reading import no_file, read_bytes
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.tree import Place
from kingtide.fleet.documents.yaml_stream import MAX_MANIFEST_BYTES
from kingtide.fleet.manifests import FOLDER, ManifestFile

MAX_MANIFEST_FILES = 5_000
"""A dozen clusters of a few hundred applications; more is the wrong folder."""


def fleet_manifests(folder: Path, findings: Findings) -> tuple[ManifestFile, ...]:
    """Return the manifests of a fleet's folder, noting files that cannot be read."""
    found: list[ManifestFile] = []
    own = folder / FOLDER
    paths = [path for it in ("*.yaml", "*/*.yaml") for path in own.glob(it)]
    findings.extend(it for path in sorted(paths) if (it := no_file(path)) is not None)
    for path in _bounded(paths, own):
        below = PurePosixPath(path.relative_to(folder).as_posix())
        cluster = below.parts[1] if len(below.parts) > 2 else None
        _add(found, path, below, cluster, findings)
    return tuple(found)


def named_manifests(path: Path, findings: Findings) -> tuple[ManifestFile, ...]:
    """Return the manifests of a file, or of all files below a folder; they are every cluster's.

    Raises:
        Mistakes: there is no such file, or the folder holds none.
    """
    if not path.is_dir():
        text = read_bytes(path, max_bytes=MAX_MANIFEST_BYTES)
        return (ManifestFile(PurePosixPath(path.as_posix()), str(path), text),)
    found: list[ManifestFile] = []
    for file in _bounded([*path.rglob("*.yaml"), *path.rglob("*.yml")], path):
        _add(found, file, PurePosixPath(file.as_posix()), None, findings)
    if not found:
        wrong = "holds no .yaml file"
        raise Mistakes([Mistake(Place(str(path), 0, 0), "", wrong, "name files of manifests")])
    return tuple(found)


def _bounded(paths: list[Path], folder: Path) -> list[Path]:
    if len(paths) > MAX_MANIFEST_FILES:
        wrong = f"holds {len(paths):,} files, more than the {MAX_MANIFEST_FILES:,} allowed"
        raise Mistakes([Mistake(Place(str(folder), 0, 0), "", wrong, "name fewer")])
    return sorted(path for path in paths if path.is_file())


def _add(
    found: list[ManifestFile],
    path: Path,
    below: PurePosixPath,
    cluster: str | None,
    findings: Findings,
) -> None:
    try:
        text = read_bytes(path, max_bytes=MAX_MANIFEST_BYTES)
    except Mistakes as error:
        findings.extend(error.all)
    else:
        found.append(ManifestFile(below, str(path), text, cluster))
