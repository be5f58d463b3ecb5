"""The reference page of the settings is what the settings say now."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kingtide.controllers.prescaling.reference import MARKS, page
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.fleet.policies.written import written_name


def test_the_page_is_current(repository: Path) -> None:
    hint = "python -m kingtide.controllers.prescaling.reference > docs/reference/..."
    written = (repository / "docs" / "reference" / "prescaling.md").read_text(encoding="utf-8")
    assert written == page(), f"make it anew: {hint}"


def test_every_setting_stands_in_the_page_with_default_and_text() -> None:
    rows = page().splitlines()
    for field in msgspec.structs.fields(PrescalingPolicy):
        (row,) = [it for it in rows if it.startswith(f"| `{written_name(field.name)}` |")]
        _, default, text = row.strip("| ").split(" | ")
        assert default
        assert len(text) >= 15, row


def test_the_guide_links_the_page_and_tells_of_every_mark_in_it(repository: Path) -> None:
    guide = (repository / "docs" / "guides" / "prescaling.md").read_text(encoding="utf-8")
    assert "(../reference/prescaling.md)" in guide
    for mark in MARKS:
        assert mark.name.split("`")[1] in guide
