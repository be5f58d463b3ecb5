"""A small fleet to start from: the files of the folder `starter`, with a name and a region."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from kingtide.files.writing import NotWritable, write_file

_NAME, _REGION = "NAME", "REGION"
"""What stands in the files for the two."""


class NotEmpty(Exception):
    """A folder that a fleet cannot be started in, because there is something in it."""


def starter_files(name: str, region: str) -> Mapping[PurePosixPath, bytes]:
    """Return the files of a new fleet by path below its folder."""
    found: dict[PurePosixPath, bytes] = {}
    for path, text in _texts(files(__package__) / "starter", PurePosixPath()):
        found[path] = text.replace(_NAME, name).replace(_REGION, region).encode()
    return dict(sorted(found.items()))


def start_fleet(folder: Path, contents: Mapping[PurePosixPath, bytes]) -> None:
    """Write a new fleet into a folder that does not exist or is empty: all its files, or none.

    Raises:
        NotEmpty: there is something in it.
        NotWritable: the file system refuses.
    """
    temporary: str | None = None
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise NotEmpty(f"{folder} is not empty")
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent)
        whole = Path(temporary) / "fleet"
        for path, content in contents.items():
            write_file(whole / path, content)
        # A folder takes the place of an empty one in one step; of any other it does not.
        os.replace(whole, folder)  # noqa: PTH105 (as in writing.py)
    except OSError as error:
        raise NotWritable(f"{folder} cannot be written ({error.strerror})") from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _texts(folder: Traversable, below: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _texts(item, below / item.name)
        elif item.name.endswith(".yaml"):
            yield below / item.name, item.read_text(encoding="utf-8")
