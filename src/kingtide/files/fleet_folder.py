"""Read a fleet repository from its folder."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from kingtide.files.reading import no_file, read_bytes
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.tree import Place
from kingtide.fleet.repository import FOLDERS, FleetRepository, read_fleet_as_far
from kingtide.fleet.unread_files import may_be_of_a_fleet, why_unread

# A dozen clusters need a few dozen files; more than this is the wrong folder.
MAX_FILES = 2000
_DEEPEST = 3
"""Folders of a fleet lie in each other no deeper; what somebody puts below is found all the same
down to here."""


PATTERNS = (
    *(f"{name}/*.yaml" for name in FOLDERS),
    *("fleet.yaml", "snippets/instance-types/*.yaml", "tools/*/tool.yaml", "tools/*/values*.yaml"),
)
"""Where a fleet's documents stand below its folder."""


def unread_files(folder: Path) -> dict[str, PurePosixPath]:
    """Return the YAML files of a fleet's folder that nobody reads, by how messages name them.

    No further than `MAX_FILES` of the folders' files are looked at.
    """
    found: dict[str, PurePosixPath] = {}
    for path in islice(_yaml_files(folder), MAX_FILES):
        below = PurePosixPath(path.relative_to(folder).as_posix())
        if why_unread(below) is not None:
            found[str(path)] = below
    return dict(sorted(found.items()))


def _yaml_files(folder: Path) -> Iterator[Path]:
    near = [it for it in sorted(folder.iterdir()) if it.is_dir() and may_be_of_a_fleet(it.name)]
    for top, depths in ((folder, 1), *((it, _DEEPEST) for it in near)):
        for depth in range(depths):
            for suffix in ("yaml", "yml"):
                found = top.glob(f"{'*/' * depth}*.{suffix}")
                yield from (path for path in sorted(found) if path.is_file())


def read_fleet_folder(folder: Path, *, named_at: Place | None = None) -> FleetRepository:
    """Return the fleet that a folder holds; `named_at` is where a user named the folder.

    Raises:
        Mistakes: everything that is wrong in any of its files.
    """
    findings = Findings()
    fleet = read_fleet_folder_as_far(folder, findings, named_at=named_at)
    findings.raise_if_any()
    return fleet


def read_fleet_folder_as_far(
    folder: Path, findings: Findings, *, named_at: Place | None = None
) -> FleetRepository:
    """Return what can be read of the fleet in a folder, noting everything wrong in its files.

    Raises:
        Mistakes: the folder holds no fleet, or none that can be read.
    """
    if not (folder / "fleet.yaml").is_file():
        place = named_at or Place(str(folder), 0, 0)
        wrong = f"{folder} holds no fleet.yaml" if named_at else "holds no fleet.yaml"
        raise Mistakes([Mistake(place, "", wrong, "name the folder of a fleet")])
    unreadable = Findings()
    files: dict[PurePosixPath, bytes] = {}
    for path in documents_of(folder):
        try:
            files[PurePosixPath(path.relative_to(folder).as_posix())] = read_bytes(path)
        except Mistakes as error:
            unreadable.extend(error.all)
    unreadable.raise_if_any()
    return read_fleet_as_far(files, lambda path: str(folder / path), findings)


def documents_of(folder: Path) -> list[Path]:
    """Return every file that is a document of the fleet, or a tool's values, sorted.

    Raises:
        Mistakes: there are too many, or some that are named so are no files.
    """
    found = sorted(path for it in PATTERNS for path in folder.glob(it))
    odd = [it for path in found if (it := no_file(path)) is not None]
    others = (path for it in PATTERNS for path in folder.glob(it.replace(".yaml", ".yml")))
    odd += [
        Mistake(Place(str(it), 0, 0), "", "is not read", f"name it {it.stem}.yaml")
        for it in sorted(others)
    ]
    if odd:
        raise Mistakes(odd)
    if len(found) > MAX_FILES:
        wrong = f"holds {len(found):,} documents, more than the {MAX_FILES:,} allowed"
        raise Mistakes([Mistake(Place(str(folder), 0, 0), "", wrong, "name the folder of a fleet")])
    return found
