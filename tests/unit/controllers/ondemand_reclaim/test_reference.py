"""The reference page of the settings is what the settings say now."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kingtide.controllers.ondemand_reclaim.reference import DIFFERENCES, FLAG_DEFAULTS, page
from kingtide.fleet.documents.field_texts import descriptions
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy, PodFilterPolicy
from kingtide.fleet.policies.settings_table import flag_of
from kingtide.fleet.policies.written import written_name

SETTINGS = {
    **{
        written_name(it.name): it.name
        for it in msgspec.structs.fields(OndemandReclaimPolicy)
        if it.name != "pods"  # a group, whose settings follow
    },
    **{f"pods.{written_name(it.name)}": it.name for it in msgspec.structs.fields(PodFilterPolicy)},
}
TEXTS = {**descriptions(OndemandReclaimPolicy), **descriptions(PodFilterPolicy)}


def test_the_page_is_current(repository: Path) -> None:
    hint = "python -m kingtide.controllers.ondemand_reclaim.reference > docs/reference/..."
    path = repository / "docs" / "reference" / "on-demand-reclaim.md"
    assert path.read_text(encoding="utf-8") == page(), f"make it anew: {hint}"


def test_every_flag_that_a_setting_names_has_its_default_and_no_other_has_one() -> None:
    named = {flag for name in SETTINGS.values() if (flag := flag_of(TEXTS[name]))}
    assert named == set(FLAG_DEFAULTS)


def test_every_setting_stands_in_the_page_with_default_and_text() -> None:
    rows = page().splitlines()
    for name in SETTINGS:
        (row,) = [it for it in rows if it.startswith(f"| `{name}` |")]
        _, default, theirs, text = row.strip("| ").split(" | ")
        assert default
        assert theirs == "-" or theirs.startswith("`--")
        assert len(text) >= 24, row
        assert "Flag:" not in text


def test_differences_are_of_settings_that_exist() -> None:
    assert set(DIFFERENCES) <= set(SETTINGS.values())


def test_the_guide_links_the_page(repository: Path) -> None:
    guide = (repository / "docs" / "guides" / "on-demand-reclaim.md").read_text(encoding="utf-8")
    assert guide.count("(../reference/on-demand-reclaim.md)") >= 2
