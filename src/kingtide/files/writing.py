"""Write files so that a reader sees the old one or the new one, but always a whole one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path


class NotWritable(Exception):
    """A file or folder that cannot be written; the message says why."""


def write_file(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Write a file atomically: a temporary one beside it, synchronised to disk, renamed over it.

    A secret one can be read by its owner alone, at every moment.

    Raises:
        NotWritable: the file system refuses.
    """
    write_files(path.parent, {path.name: content}, secret=secret)


def write_files(folder: Path, contents: Mapping[str, bytes], *, secret: bool = False) -> None:
    """Write several files into a folder, all complete on disk before the first is renamed.

    A name may be a path below the folder. Secret ones can be read by their owner alone, at every
    moment.

    Raises:
        NotWritable: the file system refuses; then no file of these is changed unless renaming
        itself failed.
    """
    temporary: dict[Path, str] = {}
    paths = {folder / name: content for name, content in contents.items()}
    try:
        for path, content in paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary[path] = _temporary(path.parent, path.name, content, secret=secret)
        for path in paths:
            os.replace(temporary[path], path)  # noqa: PTH105 (names from mkstemp are text)
            del temporary[path]
        for parent in dict.fromkeys(path.parent for path in paths):
            _synchronise(parent)
    except OSError as error:
        where = error.filename2 or folder  # of a rename, what it was to replace
        raise NotWritable(f"{where} cannot be written ({error.strerror})") from error
    finally:
        for name in temporary.values():
            with contextlib.suppress(OSError):
                os.unlink(name)  # noqa: PTH108 (as above)


def check_writable(folder: Path, names: Iterable[str]) -> None:
    """Check that files can be written into a folder, which may not exist; leave nothing behind.

    Raises:
        NotWritable: the file system would refuse, or one of the files' names is a folder's.
    """
    missing = [it for it in (folder, *folder.parents) if not it.exists()]
    made: list[Path] = []
    try:
        for path in reversed(missing):
            path.mkdir()
            made.append(path)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise NotWritable(f"{folder} cannot be written ({error.strerror})") from error
    finally:
        for path in reversed(made):
            with contextlib.suppress(OSError):
                path.rmdir()
    for name in names:
        if (folder / name).is_dir():
            raise NotWritable(f"{folder / name} cannot be written (it is a folder)")


def _temporary(folder: Path, name: str, content: bytes, *, secret: bool) -> str:
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o600 if secret else 0o666 & ~_umask())
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 (as above)
        raise
    return temporary


def _umask() -> int:
    """Return the process' umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _synchronise(folder: Path) -> None:
    """Make the renames durable; file systems without that on folders do without."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
