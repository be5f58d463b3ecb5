"""The time specifications of one pass, each read once however many workloads bear it."""

from __future__ import annotations

from kingtide.controllers.downscaling.dialect import Dialect
from kingtide.controllers.downscaling.time_spec import BadTimeSpec, TimeSpec, read_time_spec


class SpecBook:
    """Reads specifications and answers for them; made anew for each pass, so it keeps no state."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._read: dict[str, TimeSpec | BadTimeSpec] = {}
        self._holds: dict[tuple[str, int], bool] = {}
        self._changes: dict[tuple[str, int], int | None] = {}

    def holds(self, text: str, at_ms: int) -> bool:
        """Return whether an instant lies in a specification.

        Raises:
            BadTimeSpec: it cannot be read.
        """
        found = self._holds.get((text, at_ms))
        if found is None:
            found = self._holds[text, at_ms] = self._spec(text).holds(at_ms)
        return found

    def change_after(self, text: str, at_ms: int) -> int | None:
        """Return an instant up to which a specification does not change, None for never.

        Raises:
            BadTimeSpec: it cannot be read.
        """
        key = (text, at_ms)
        if key not in self._changes:
            self._changes[key] = self._spec(text).change_after(at_ms)
        return self._changes[key]

    def _spec(self, text: str) -> TimeSpec:
        found = self._read.get(text)
        if found is None:
            try:
                found = read_time_spec(text, self.dialect)
            except BadTimeSpec as error:
                found = error
            self._read[text] = found
        if isinstance(found, BadTimeSpec):
            raise BadTimeSpec(str(found))
        return found
