"""The folder of generated files: what differs from what it should hold, and writing that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from kingtide.files.writing import NotWritable, check_writable, write_files


class Differences(msgspec.Struct, frozen=True):
    """Files of a folder, by path below it, that are not as they should be; each sorted.

    `stale` were generated once and are no longer.
    """

    missing: tuple[PurePosixPath, ...] = ()
    changed: tuple[PurePosixPath, ...] = ()
    stale: tuple[PurePosixPath, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.stale)


def differences(
    folder: Path, files: Mapping[PurePosixPath, bytes], header: bytes, below: Iterable[str] | None
) -> Differences:
    """Return how a folder differs from the files that it should hold.

    Other files that begin with `header` are stale: those in the folders named by `below`, None for
    all. Files without it are somebody else's.

    Raises:
        NotWritable: a file cannot be read, so that nobody knows whether it may be overwritten.
    """
    found = {path: _content(folder / path) for path in files}
    return Differences(
        missing=tuple(sorted(path for path, content in found.items() if content is None)),
        changed=tuple(
            sorted(
                path
                for path, content in found.items()
                if content is not None and content != files[path]
            )
        ),
        stale=tuple(path for path in _generated(folder, header, below) if path not in files),
    )


def bring_up_to_date(
    folder: Path, files: Mapping[PurePosixPath, bytes], different: Differences
) -> None:
    """Write what is missing or changed, then take away what is stale.

    Every folder is tried before the first file is written, and all files are complete on disk
    before the first takes its place.

    Raises:
        NotWritable: the file system refuses.
    """
    contents = {str(path): files[path] for path in (*different.missing, *different.changed)}
    by_folder: dict[Path, list[str]] = {}
    for path in (*different.missing, *different.changed):
        by_folder.setdefault(folder / path.parent, []).append(path.name)
    for where, names in by_folder.items():
        check_writable(where, names)
    write_files(folder, contents)
    for path in different.stale:
        _remove(folder / path)


def _generated(
    folder: Path, header: bytes, below: Iterable[str] | None
) -> tuple[PurePosixPath, ...]:
    """Return the generated files of a folder, sorted; generated ones lie two or three deep."""
    roots = [folder / name for name in below] if below is not None else folder.glob("*")
    paths = [path for root in roots for at in ("*.yaml", "*/*.yaml") for path in root.glob(at)]
    return tuple(
        PurePosixPath(path.relative_to(folder).as_posix())
        for path in sorted(paths)
        if path.is_file() and _starts_with(path, header)
    )


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotWritable(f"{path} cannot be read ({error.strerror})") from error


def _starts_with(path: Path, header: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(header)) == header
    except OSError as error:
        raise NotWritable(f"{path} cannot be read ({error.strerror})") from error


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise NotWritable(f"{path} cannot be removed ({error.strerror})") from error
