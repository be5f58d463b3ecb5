"""Where checks of a scenario note what they find, with the place of the value they mean."""

from __future__ import annotations

from pathlib import Path as FilePath

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Node, Path, Place, place_of
from kingtide.fleet.documents.validation import Reading


class Noter:
    """Notes mistakes in one scenario's tree, but none beside values found wrong before."""

    def __init__(self, node: Node, findings: Findings, reading: Reading) -> None:
        self.node = node
        self.findings = findings
        self._reading = reading

    def place(self, path: Path) -> Place:
        """Return where the value at a path stands."""
        return place_of(self.node, path)

    def is_faulty(self, path: Path) -> bool:
        """Return whether a value at, above or below a path was found wrong before."""
        return self._reading.touches(path)

    def folder(self, path: Path) -> FilePath:
        """Return the folder that a file name is relative to; for `--set` the current one."""
        place = self.place(path)
        return FilePath(place.file).parent if place.line else FilePath()

    def note(
        self,
        path: Path,
        wrong: str,
        instead: str = "",
        *,
        key: bool = False,
        involves: tuple[Path, ...] = (),
    ) -> None:
        """Note a mistake at a path (at its key with `key=True`) that `involves` other values."""
        if not self._reading.touches(path, *involves):
            self.findings.add(place_of(self.node, path, key=key), path, wrong, instead)

    def note_error(self, path: Path, error: ValueError) -> None:
        """Note an error whose text is what is wrong; and what to write instead."""
        wrong, _, instead = str(error).partition("; ")
        self.note(path, wrong, instead)

    def note_option(self, option: str, error: ValueError) -> None:
        """Note a mistake in a command line option."""
        wrong, _, instead = str(error).partition("; ")
        self.findings.add(Place(option, 0, 0), (), wrong, instead)
