"""Find and read the files that kops' options name: a file, or every file below a folder.

Source: kops cmd/kops/toolbox_template.go (`expandFiles`), which walks as Go's filepath.Walk:
https://pkg.go.dev/path/filepath#Walk.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from kingtide.files.reading import read_bytes
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.tree import Place

# A dozen clusters have a few hundred templates; more than this is the wrong folder.
MAX_FILES = 2000
MAX_DEPTH = 40


class Input(msgspec.Struct, frozen=True):
    """A file that was read."""

    path: str
    text: str


def read_inputs(option: str, named: Iterable[str]) -> tuple[Input, ...]:
    """Return the files of an option, in order: of each folder by name, folders where they stand.

    One text may name several, with commas between them, as kops takes them.

    Raises:
        Mistakes: some cannot be read; all of them are told.
    """
    findings = Findings()
    found: list[Input] = []
    for path in (Path(part) for text in named for part in _parts(text)):
        try:
            for file in files_below(path, option):
                found.append(Input(str(file), _text(file)))  # noqa: PERF401 (every file's mistakes are told)
        except Mistakes as error:
            findings.extend(error.all)
    findings.raise_if_any()
    return tuple(found)


def files_below(path: Path, option: str) -> Iterator[Path]:
    """Yield a file itself, or the files below a folder as Go walks it.

    Raises:
        Mistakes: there is neither, or more than MAX_FILES.
    """
    place = Place(option, 0, 0)
    if not path.exists():
        raise Mistakes([Mistake(place, "", f"{path} does not exist", "name a file or a folder")])
    if not path.is_dir():
        yield path
        return
    try:
        for count, file in enumerate(_walk(path, MAX_DEPTH)):
            if count >= MAX_FILES:
                wrong = f"{path} holds more than {MAX_FILES:,} files"
                raise Mistakes([Mistake(place, "", wrong, "name a smaller folder")])
            yield file
    except OSError as error:
        wrong = f"{path} cannot be read ({error.strerror})"
        raise Mistakes([Mistake(place, "", wrong, "check its permissions")]) from error


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    # Go sorts by bytes and does not follow links to folders.
    for name in sorted(os.listdir(folder), key=os.fsencode):  # noqa: PTH208 (names, to be sorted by bytes)
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            if depth > 0:
                yield from _walk(path, depth - 1)
        else:
            yield path


def _parts(text: str) -> list[str]:
    try:
        return [part for part in next(csv.reader([text], strict=True), []) if part]
    except csv.Error:
        return [text]


def _text(path: Path) -> str:
    content = read_bytes(path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        place = Place(str(path), before.count(b"\n") + 1, column)
        raise Mistakes([Mistake(place, "", "is not UTF-8 text", "save it as UTF-8")]) from error
