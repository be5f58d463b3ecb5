from __future__ import annotations

from typing import Any

import msgspec
import pytest
from pydantic import Field, create_model

from kingtide.fleet.documents.field_texts import descriptions, field_text
from kingtide.fleet.documents.written import Written


class Above(Written):
    """A model that another inherits from."""

    inherited: int = 0
    """Stands in the class
    above."""
    silent: int = 0
    again: int = 0
    """What the class above says."""


class Below(Above):
    """A model with fields of its own."""

    own: int = 0
    """Stands in this class."""
    brought: int = Field(default=0, description="Comes with\nthe field.")
    """Not this."""
    again: int = 1
    """What this class says."""


class Settings(msgspec.Struct):
    first: int = 0
    """A struct has
    texts as well."""
    second: int = 0


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("own", "Stands in this class."),
        ("inherited", "Stands in the class above."),
        ("again", "What this class says."),
        ("brought", "Comes with the field."),
        ("silent", ""),
    ],
)
def test_a_field_is_about_what_it_brings_or_what_stands_below_it(field: str, text: str) -> None:
    assert field_text(Below, field) == text


def test_a_model_made_from_another_type_has_the_texts_that_its_fields_bring() -> None:
    fields: dict[str, Any] = {"told": (int, Field(0, description="Told.")), "silent": (int, 0)}
    made = create_model("Made", __base__=Above, **fields)
    assert [field_text(made, it) for it in ("told", "silent", "inherited")] == [
        "Told.", "", "Stands in the class above.",
    ]  # fmt: skip


def test_a_struct_tells_of_its_fields_in_one_line_each() -> None:
    assert descriptions(Settings) == {"first": "A struct has texts as well."}
