"""The base of every model of a user's document, and the envelope that all kinds share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from kingtide.fleet.fields import Name


class Written(BaseModel):
    """What a user writes: camelCase keys, unknown ones refused, values frozen."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
        use_attribute_docstrings=True,
        arbitrary_types_allowed=False,
    )


class Metadata(Written):
    """What identifies a document."""

    name: Name
    """Unique among the documents of its kind."""
    labels: dict[str, str] = {}
    """Free labels by which stages and tools select."""
