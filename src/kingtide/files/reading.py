"""Read files with a bound on their size, and tell what a user can do where that fails."""

from __future__ import annotations

from pathlib import Path

from kingtide.fleet.documents.mistakes import Mistake, Mistakes
from kingtide.fleet.documents.tree import Node, Place
from kingtide.fleet.documents.yaml_tree import MAX_BYTES, parse_yaml


def read_bytes(path: Path, *, max_bytes: int = MAX_BYTES, named_at: Place | None = None) -> bytes:
    """Return a file's bytes; `named_at` is where a user named the file, for the message.

    Raises:
        Mistakes: it cannot be read, or is too large.
    """
    place = named_at or Place(str(path), 0, 0)
    name = f"{path} " if named_at else ""
    try:
        if path.is_fifo() and path.parts[:2] not in (("/", "dev"), ("/", "proc")):
            # Opening one waits for who writes; a shell's `<(...)`, below /dev, is being written.
            raise Mistakes([Mistake(place, "", f"{name}is a pipe", "name a file", "unreadable")])
        with path.open("rb") as file:
            found = file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise Mistakes(
            [Mistake(place, "", f"{name}does not exist", "name an existing file", "unreadable")]
        ) from error
    except IsADirectoryError as error:
        raise Mistakes(
            [Mistake(place, "", f"{name}is a folder", "name a file in it", "unreadable")]
        ) from error
    except OSError as error:
        wrong = f"{name}cannot be read ({error.strerror})"
        raise Mistakes(
            [Mistake(place, "", wrong, "check its permissions", "unreadable")]
        ) from error
    if len(found) > max_bytes:
        wrong = f"{name}is larger than {max_bytes:,} bytes"
        raise Mistakes([Mistake(place, "", wrong, "split the file", "unreadable")])
    return found


def no_file(path: Path) -> Mistake | None:
    """Return why what has a file's name is none that can be read as one, None where it is one.

    A pipe is told rather than waited for, and a link to nothing rather than overlooked.
    """
    if path.is_file():
        return None
    place = Place(str(path), 0, 0)
    if path.is_dir():
        return Mistake(place, "", "is a folder", "give it another name", "unreadable")
    if path.is_symlink():
        wrong = "is a link to what is no file"
        return Mistake(place, "", wrong, "let it lead to a file, or take it away", "unreadable")
    return Mistake(place, "", "is no file", "write a file in its place", "unreadable")


def read_yaml(path: Path, *, named_at: Place | None = None) -> Node:
    """Return a YAML file as a tree with positions.

    Raises:
        Mistakes: it cannot be read, or is no YAML that we take.
    """
    return parse_yaml(read_bytes(path, named_at=named_at), str(path))
