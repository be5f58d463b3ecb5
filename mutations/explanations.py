"""Why a survivor survives: `survivors.toml`, read, and put beside the survivors."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from mutations.mutants import Mutant

FILE = Path(__file__).parent / "survivors.toml"

Why = Literal["equivalent", "speed", "wording", "out of reach", "missing test"]


class Explanation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of some survivors.

    `path` lies below src/kingtide; `function` is the outermost function, or the constant, empty for
    all of the file; `mutation` a part of `original → mutated`, empty for all.
    """

    path: str
    why: Why
    because: str
    function: str = ""
    mutation: str = ""

    def explains(self, mutant: Mutant) -> bool:
        """Return whether this is said of a mutant."""
        return self.explains_key(mutant.key)

    def explains_key(self, key: str) -> bool:
        """Return whether this is said of the mutant of that key."""
        path, where, mutation = key.split(" | ", 2)
        return (
            path == f"src/kingtide/{self.path}"
            and self.function in ("", where)
            and self.mutation in mutation
        )


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    survivor: tuple[Explanation, ...] = ()


def read_explanations(file: Path = FILE) -> tuple[Explanation, ...]:
    """Return all explanations.

    Raises:
        msgspec.ValidationError: the file says something else; the message says where.
    """
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    return msgspec.convert(written, _File).survivor


def explanation_of(mutant: Mutant, explanations: Sequence[Explanation]) -> Explanation | None:
    """Return the first explanation that fits."""
    return next((it for it in explanations if it.explains(mutant)), None)
