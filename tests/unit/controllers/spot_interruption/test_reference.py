"""The reference page of the settings is what the settings say now."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kingtide.controllers.spot_interruption.reference import DIFFERENCES, FLAG_DEFAULTS, page
from kingtide.fleet.documents.field_texts import descriptions
from kingtide.fleet.policies.settings_table import flag_of
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.fleet.policies.written import written_name

DOCS = Path(__file__).resolve().parents[4] / "docs"
FIELDS = [field.name for field in msgspec.structs.fields(SpotInterruptionPolicy)]


def test_the_page_is_current() -> None:
    hint = "python -m kingtide.controllers.spot_interruption.reference > docs/reference/..."
    written = (DOCS / "reference" / "spot-interruption.md").read_text(encoding="utf-8")
    assert written == page(), f"make it anew: {hint}"


def test_every_flag_that_a_setting_names_has_its_default_and_no_other_has_one() -> None:
    texts = descriptions(SpotInterruptionPolicy)
    assert {flag for name in FIELDS if (flag := flag_of(texts[name]))} == set(FLAG_DEFAULTS)


def test_every_setting_stands_in_the_page_with_a_text() -> None:
    rows = page().splitlines()
    for name in FIELDS:
        (row,) = [it for it in rows if it.startswith(f"| `{written_name(name)}` |")]
        assert len(row.split(" | ")) == 4, row
        assert len(row.split(" | ")[3]) > 20, row


def test_differences_are_of_settings_that_exist() -> None:
    assert set(DIFFERENCES) <= set(FIELDS)


def test_the_guide_tells_of_every_setting_that_replaces_a_flag() -> None:
    guide = (DOCS / "guides" / "spot-interruptions.md").read_text(encoding="utf-8")
    assert all(f"`{flag}`" in guide for flag in FLAG_DEFAULTS)


def test_every_table_row_of_the_page_has_the_columns_of_its_table() -> None:
    columns = 0
    for row in page().splitlines():
        if row.startswith("|---"):
            columns = row.count("|")
        elif row.startswith("|") and columns and not row.startswith(("| mark", "| code", "| sett")):
            assert row.count("|") == columns, row
