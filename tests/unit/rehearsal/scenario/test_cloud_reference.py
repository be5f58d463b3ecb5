"""The reference page of `cloud:` is what its fields say now."""

from __future__ import annotations

import re
import textwrap
import typing
from pathlib import Path

from kingtide.fleet.documents.written import Written
from kingtide.rehearsal.scenario.cloud_model import Cloud
from kingtide.rehearsal.scenario.cloud_reference import SECTIONS, page
from tests.small_rehearsal import SCENARIO
from tests.unit.rehearsal.scenario.reading import read

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "scenario-cloud.md"


def test_the_page_is_current() -> None:
    hint = "python -m kingtide.rehearsal.scenario.cloud_reference > docs/reference/..."
    assert PAGE.read_text(encoding="utf-8") == page(), f"make it anew: {hint}"


def test_every_field_of_every_section_has_a_text() -> None:
    rows = [row for row in page().splitlines() if row.startswith("| `")]
    assert len(rows) == sum(len(model.model_fields) for _, model in SECTIONS)
    assert [row for row in rows if len(row.split(" | ")[2]) < 10] == []


def test_every_model_that_cloud_is_made_of_has_a_section() -> None:
    def parts(kind: object) -> set[type[Written]]:
        found: set[type[Written]] = set()
        if isinstance(kind, type) and issubclass(kind, Written):
            found.add(kind)
            for field in kind.model_fields.values():
                found |= parts(field.annotation)
        for argument in typing.get_args(kind):
            found |= parts(argument)
        return found

    assert parts(Cloud) == {model for _, model in SECTIONS}


def test_the_example_can_be_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(cloud:\n.*?)```", page(), re.DOTALL)
    written = re.sub(r"  cloud:\n.*\n", textwrap.indent(example, "  "), SCENARIO)
    conditions = read(tmp_path, scenario=written).conditions
    assert conditions.reclaims
    assert conditions.other_accounts
    assert conditions.depths[0].course.noise_percent == 10
