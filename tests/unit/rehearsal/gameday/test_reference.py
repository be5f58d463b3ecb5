from __future__ import annotations

from pathlib import Path

from kingtide.rehearsal.gameday.reference import conditions, faults, invariants
from tests.twin.planted.test_planted_faults import PLANTED


def test_the_page_shows_what_the_catalogues_hold(repository: Path) -> None:
    page = (repository / "docs" / "concepts" / "invariants.md").read_text()
    for table in (invariants(), conditions(), faults()):
        assert table in page


def test_the_page_shows_every_planted_fault(repository: Path) -> None:
    page = (repository / "docs" / "concepts" / "invariants.md").read_text()
    for name, planted in PLANTED.items():
        assert f"| `{name}` | `{planted.invariant}` |" in page
