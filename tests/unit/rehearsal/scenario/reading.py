"""Small scenarios read from files, and the mistakes in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.scenario.read import Options, Scenario, read_scenario
from tests.small_rehearsal import write_small


def read(folder: Path, *settings: str, **changed: str) -> Scenario:
    """Write the small rehearsal with changes and read it."""
    return read_scenario(write_small(folder, **changed), Options(settings=settings))


def mistakes(
    folder: Path, *settings: str, options: Options | None = None, **changed: str
) -> list[str]:
    """Return the mistakes of the small rehearsal with changes, without the folder."""
    path = write_small(folder, **changed)
    with pytest.raises(Mistakes) as caught:
        read_scenario(path, options or Options(settings=settings))
    return [str(m).replace(f"{folder}/", "") for m in caught.value.all]
