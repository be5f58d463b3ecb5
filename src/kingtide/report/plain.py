"""Text that came from a file or an API, made harmless to print anywhere."""

from __future__ import annotations

import unicodedata

TEXT_CHARACTERS_MAX = 500
"""A Kubernetes name has at most 253 characters.

A sentence about two of them fits, a novel does not.
"""

_REPLACEMENT = "\ufffd"
# Control, surrogate and format characters: escape sequences, line breaks, reversed writing.
_UNPRINTABLE = ("Cc", "Cs", "Cf")


def plain(text: str, characters_max: int = TEXT_CHARACTERS_MAX) -> str:
    """Return the text on one line without control or direction characters, cut with an ellipsis.

    It still may hold `<`, `&`, `[` or `$`: each medium escapes those that it gives a meaning.
    """
    cut = text if len(text) <= characters_max else text[: characters_max - 1] + "…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(
        " " if c in "\n\t\r" else _REPLACEMENT if unicodedata.category(c) in _UNPRINTABLE else c
        for c in cut
    )
