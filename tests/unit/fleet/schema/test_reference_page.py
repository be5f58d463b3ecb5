"""The reference page of the fleet's documents is what the models say now."""

from __future__ import annotations

from pathlib import Path

from kingtide.fleet.schema.json_schema import kind_schema
from kingtide.fleet.schema.kinds import FLEET_KINDS
from kingtide.fleet.schema.reference_page import page

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "fleet.md"


def test_the_page_is_what_the_models_say() -> None:
    hint = "python -m kingtide.fleet.schema.reference_page > docs/reference/fleet.md"
    assert PAGE.read_text(encoding="utf-8") == page(), hint


def test_every_field_of_every_kind_has_its_line() -> None:
    text = page()
    for name, kind in FLEET_KINDS.items():
        assert f"\n## {name}\n" in text
        for model, described in kind_schema(name, kind)["$defs"].items():
            _, _, section = text.partition(f"\n### {model.removeprefix('Written')}\n")
            table, _, _ = section.partition("\n#")
            fields = list(described.get("properties", {}))
            assert [f for f in fields if f"\n| `{f}` |" not in table] == [], model


def test_every_link_within_the_page_leads_to_a_heading() -> None:
    text = page()
    headings = {line[4:].lower() for line in text.splitlines() if line.startswith("### ")}
    links = {part.partition(")")[0] for part in text.split("](#")[1:]}
    assert links
    assert links <= headings
