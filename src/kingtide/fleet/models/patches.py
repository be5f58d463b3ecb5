"""The escape hatch: patches on the documents that are generated."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from kingtide.fleet.documents.written import Written


class PatchTarget(Written):
    """Which generated documents a patch changes."""

    kind: str
    """Their kind, for example InstanceGroup."""
    name: str | None = None
    """A name, or a pattern with `*`; when absent, every document of the kind."""
    namespace: str | None = None
    """Their namespace; when absent, any."""


class JsonPatchOperation(Written):
    """One operation of a JSON Patch (RFC 6902)."""

    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    """What is done."""
    path: str
    """A JSON Pointer (RFC 6901), for example /spec/maxPrice."""
    source: str | None = Field(default=None, alias="from")
    """Where move and copy take the value from."""
    value: Any = None
    """The value of add, replace and test."""


class Patch(Written):
    """One change to generated documents: by merging a part of one, or by JSON Patch."""

    target: PatchTarget
    """Which documents."""
    merge: dict[str, Any] | None = None
    """A part of the document laid over it: maps merge, lists replace, null removes."""
    json6902: tuple[JsonPatchOperation, ...] | None = None
    """Operations, done in order."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Patch:
        if (self.merge is None) == (self.json6902 is None):
            raise ValueError("must have either merge or json6902; write one of them")
        return self


class Patches(Written):
    """Patches on one family of generated documents."""

    patches: tuple[Patch, ...] = ()
    """Done in order, each on what the one before left."""
