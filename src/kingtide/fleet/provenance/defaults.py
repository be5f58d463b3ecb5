"""What holds where nothing is written: a model's default, in the words of its own text."""

from __future__ import annotations

import json
from decimal import Decimal

import msgspec
from pydantic import BaseModel

from kingtide.fleet.documents.field_texts import field_text
from kingtide.fleet.documents.known_fields import model_at
from kingtide.fleet.documents.tree import Path

_TOLD = " Default: "


class DefaultValue(msgspec.Struct, frozen=True):
    """What a field is when nobody writes it, and what it is about.

    `shown` is empty where there is no value, and then `text` says what that means.
    """

    shown: str
    text: str
    required: bool = False


def default_at(model: type[BaseModel], path: Path) -> DefaultValue | None:
    """Return the default of the field at a path; None where there is no field but a free name."""
    if not path or not isinstance(path[-1], str):
        return None
    above = model_at(model, path[:-1])
    if above is None:
        return None
    for name, field in above.model_fields.items():
        if (field.alias or name) == path[-1]:
            return field_default(above, name)
    return None


def field_default(model: type[BaseModel], name: str) -> DefaultValue:
    """Return a field's default with its text as one line."""
    field, text = model.model_fields[name], field_text(model, name)
    if field.is_required():
        return DefaultValue("", text, required=True)
    if field.default is None and _TOLD in text:
        # Controllers' settings tell the default of their own struct at the end of their text.
        text, _, told = text.rpartition(_TOLD)
        return DefaultValue(told.removesuffix("."), text)
    return DefaultValue(_shown(field.get_default(call_default_factory=True)), text)


def _shown(value: object) -> str:
    """Return a default as it would be written; empty for none, for a map or list without items."""
    if value is None or isinstance(value, BaseModel) or value in ({}, ()):
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if isinstance(value, str) else json.dumps(value)
