"""Read a folder as it was at a revision of git, without touching the working tree."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from kingtide.files.fleet_folder import MAX_FILES, PATTERNS
from kingtide.files.manifest_files import MAX_MANIFEST_FILES
from kingtide.fleet.manifests import FOLDER

MAX_BYTES = 100_000_000
"""Of all files together: a fleet's documents are a megabyte, manifests some tens."""
ANSWER_SECONDS = 60
"""For reading objects of a local repository."""


class NoRevision(Exception):
    """A revision that cannot be read; the message says why."""


class Revision(msgspec.Struct, frozen=True):
    """What a folder held: the commit's short name, and fleet documents and manifests by path."""

    commit: str
    files: Mapping[PurePosixPath, bytes]


def is_in_git(folder: Path) -> bool:
    """Return whether a folder stands in a working tree with a commit; False where git is not."""
    try:
        _git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except NoRevision:
        return False
    return True


def read_revision(folder: Path, revision: str) -> Revision:
    """Return a folder's fleet documents and manifests at a revision.

    Raises:
        NoRevision: git is not there, knows no such revision, or the folder was too large.
    """
    if not revision or revision.startswith("-"):
        raise NoRevision(f"{revision!r} is no revision")
    try:
        found = _git(
            folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
    except NoRevision as error:
        raise NoRevision(f"git knows no revision {revision!r} in {folder}") from error
    commit = found.decode().strip()
    objects = dict(_objects(_git(folder, "ls-tree", "-r", "-z", "-l", commit)))
    if len(objects) > MAX_FILES + MAX_MANIFEST_FILES:
        raise NoRevision(f"{folder} held {len(objects):,} files at {revision}")
    sizes = sum(size for _, size in objects.values())
    if sizes > MAX_BYTES:
        raise NoRevision(f"{folder} held {sizes:,} bytes at {revision}")
    names = [name for name, _ in objects.values()]
    asked = "".join(f"{name}\n" for name in names).encode()
    answer = _git(folder, "cat-file", "--batch", said=asked)
    contents = dict(zip(objects, _contents(answer), strict=True))
    return Revision(commit[:12], contents)


def _objects(listing: bytes) -> Iterator[tuple[PurePosixPath, tuple[str, int]]]:
    """Yield path, object and size of a fleet's files among those of `git ls-tree -z -l`."""
    for entry in listing.split(b"\0"):
        about, _, name = entry.partition(b"\t")
        words = about.split()
        if len(words) != 4 or words[1] != b"blob" or words[0] == b"120000":
            continue  # no files: submodules, symbolic links
        path = PurePosixPath(name.decode(errors="replace"))
        if _is_of_fleet(path):
            yield path, (words[2].decode(), int(words[3]))


def _is_of_fleet(path: PurePosixPath) -> bool:
    patterns = (*PATTERNS, f"{FOLDER}/*.yaml", f"{FOLDER}/*/*.yaml")
    return any(
        path.match(it) and len(path.parts) == len(PurePosixPath(it).parts) for it in patterns
    )


def _contents(answer: bytes) -> Iterator[bytes]:
    """Yield what `git cat-file --batch` answers: a line with the size, the bytes, a line break."""
    at = 0
    while at < len(answer):
        line_end = answer.index(b"\n", at)
        size = int(answer[at:line_end].split()[2])
        yield answer[line_end + 1 : line_end + 1 + size]
        at = line_end + 2 + size


def _git(folder: Path, *arguments: str, said: bytes = b"") -> bytes:
    # What is set for hooks and other repositories must not lead elsewhere than to the folder.
    environment = {key: it for key, it in os.environ.items() if not key.startswith("GIT_")}
    command = ["git", "--no-pager", "--no-optional-locks", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(
            command,
            input=said,
            capture_output=True,
            timeout=ANSWER_SECONDS,
            env=environment,
            check=False,
        )
    except FileNotFoundError as error:
        raise NoRevision("there is no git; install it, or name a folder") from error
    except subprocess.TimeoutExpired as error:
        raise NoRevision(f"git did not answer in {ANSWER_SECONDS} seconds") from error
    if done.returncode != 0:
        said_by_git = done.stderr.decode(errors="replace").strip().splitlines()
        raise NoRevision(said_by_git[-1] if said_by_git else "git found nothing")
    return done.stdout
