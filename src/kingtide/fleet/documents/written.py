"""The base of every model of a user's document."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Written(BaseModel):
    """What a user writes: camelCase keys, unknown ones refused, values frozen.

    What a field is about stands below it; kingtide.fleet.documents.field_texts reads it.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
        arbitrary_types_allowed=False,
    )
