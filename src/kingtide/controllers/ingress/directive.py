"""A line of HAProxy's configuration as words, which nothing that users write can end or add to.

Everything that comes from an object becomes a word, and words are quoted in one place. A text that
no quoting can hold (control characters: the configuration is read line by line) is refused here.
Source of the quoting: https://docs.haproxy.org/2.6/configuration.html#2.2
"""

from __future__ import annotations

import msgspec

MAX_WORDS = 64
"""A line may hold so many (MAX_LINE_ARGS of HAProxy 2.6); longer lists stand in pattern files."""
MAX_WORD = 8_192
"""Characters of one word: half of HAProxy's buffer, above which requests are refused as well."""

_BARE = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/,=@%[]{}()!*+?|"
)
"""Characters that need no quotes. `#` begins a comment, `$` a variable within double quotes."""


class NotWritable(ValueError):
    """A text that cannot stand in HAProxy's configuration; the message says why."""


class PatternsOf(msgspec.Struct, frozen=True, gc=False):
    """Stands in a directive for the path of a file of patterns, which only the layout knows."""

    name: str


Word = str | PatternsOf


class Directive(msgspec.Struct, frozen=True, gc=False):
    """One line within a section; lines are written in the order of their phase.

    Raises:
        NotWritable: when made with words that no quoting can hold, or too many.
    """

    phase: int
    words: tuple[Word, ...]

    def __post_init__(self) -> None:
        if len(self.words) > MAX_WORDS:
            raise NotWritable(f"{len(self.words)} words, a line holds {MAX_WORDS}")
        for word in self.words:
            if isinstance(word, str):
                check_word(word)


class PatternFile(msgspec.Struct, frozen=True, gc=False, order=True):
    """A file of patterns beside the configuration, one a line; its name is unique in a backend."""

    name: str
    lines: tuple[str, ...]


def check_word(word: str) -> None:
    """Refuse a text that no quoting can hold.

    Raises:
        NotWritable: it has a control character, or is too long.
    """
    if len(word) > MAX_WORD:
        raise NotWritable(f"{len(word)} characters, at most {MAX_WORD} can be written")
    found = next((char for char in word if not char.isprintable()), None)
    if found is not None:
        raise NotWritable(f"it has the character U+{ord(found):04X}, which ends or breaks a line")


def quoted(word: str) -> str:
    """Return a word as the configuration holds it."""
    if word and all(char in _BARE for char in word):
        return word
    if "'" not in word:
        return f"'{word}'"
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'


def literal(text: str) -> str:
    """Return a text for where HAProxy takes a log format, so that it stands for itself alone."""
    return text.replace("%", "%%")
