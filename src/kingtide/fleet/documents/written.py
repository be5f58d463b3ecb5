"""The base of every model of a user's document."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


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


class Derived(Written):
    """What a user writes, of a model that is made from another type and brings its descriptions.

    There is no class statement in whose source pydantic could find them, and looking for one in
    every frame of the stack takes 65 ms at each start.
    """

    model_config = ConfigDict(use_attribute_docstrings=False)
