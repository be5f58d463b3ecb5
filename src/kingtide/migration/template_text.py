"""A Go template's text as pieces: what is literal, and the tokens of each action with their places.

Only as much of the language as is needed to find names and the ends of commands; what is no valid
template beyond that, the engine tells.

Source: https://pkg.go.dev/text/template (Go 1.24) and text/template/parse/lex.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from kingtide.fleet.documents.mistakes import Mistake, Mistakes
from kingtide.fleet.documents.tree import Place

Kind = Literal["name", "field", "variable", "text", "number", "sign"]

_SPACES = re.compile(r"[ \t\r\n]+")
_TOKENS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("text", re.compile(r'"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`|\'(?:[^\'\\\n]|\\[^\n])*\'')),
    ("number", re.compile(r"[+-]?(?:\d[\w.]*(?:(?<=[eEpP])[+-]\w+)?|\.\d[\w.]*)")),
    ("field", re.compile(r"\.\w+")),
    ("variable", re.compile(r"\$\w*")),
    ("name", re.compile(r"[^\W\d]\w*")),
    ("sign", re.compile(r":=|[().|=,]")),
)
_CLOSING = re.compile(r"[ \t\r\n]-\}\}|\}\}")


class Token(msgspec.Struct, frozen=True):
    """A word of an action; `start` and `end` count characters from the beginning of the text."""

    kind: Kind
    text: str
    start: int
    end: int


class Action(msgspec.Struct, frozen=True):
    """`{{ ... }}` with its tokens, of which a comment has none.

    `inner_end` is where its words end; the trims say whether it takes the white space beside it.
    """

    start: int
    end: int
    tokens: tuple[Token, ...]
    trims_left: bool
    trims_right: bool

    @property
    def word(self) -> str:
        """The keyword or function that it begins with; empty where it begins otherwise."""
        return self.tokens[0].text if self.tokens and self.tokens[0].kind == "name" else ""


def place_in(text: str, offset: int, file: str) -> Place:
    """Return the line and column of a character of a text."""
    before = text[: max(0, min(offset, len(text)))]
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def actions(text: str, file: str) -> Iterator[Action]:
    """Yield every action of a template, from its beginning to its end.

    Raises:
        Mistakes: an action does not end, or holds what no template may.
    """
    start = text.find("{{")
    while start >= 0:
        action = _comment(text, start, file) or _action(text, start, file)
        yield action
        start = text.find("{{", action.end)


def _comment(text: str, start: int, file: str) -> Action | None:
    trims = bool(re.compile(r"\{\{-[ \t\r\n]/\*").match(text, start))
    if not trims and not text.startswith("{{/*", start):
        return None
    end = text.find("*/", start)
    closing = re.compile(r"[ \t\r\n]-\}\}|\}\}").match(text, end + 2) if end >= 0 else None
    if closing is None:
        raise _wrong(text, start, file, "this comment does not end", "write `*/}}` at its end")
    return Action(start, closing.end(), (), trims, len(closing[0]) > 2)


def _action(text: str, start: int, file: str) -> Action:
    trims = bool(re.compile(r"\{\{-[ \t\r\n]").match(text, start))
    at = start + (3 if trims else 2)
    tokens: list[Token] = []
    while True:
        closing = _CLOSING.match(text, at)
        if closing is not None:
            return Action(start, closing.end(), tuple(tokens), trims, len(closing[0]) > 2)
        spaces = _SPACES.match(text, at)
        if spaces is not None:
            # The blank before `-}}` belongs to it.
            at = spaces.end()
            if text.startswith("-}}", at):
                at -= 1
            continue
        token = _token(text, at)
        if token is None:
            wrong, instead = _what_is_wrong(text, at)
            raise _wrong(text, start if at >= len(text) else at, file, wrong, instead)
        tokens.append(token)
        at = token.end


def _token(text: str, at: int) -> Token | None:
    for kind, pattern in _TOKENS:
        found = pattern.match(text, at)
        if found is not None:
            return Token(kind, found[0], at, found.end())
    return None


def _what_is_wrong(text: str, at: int) -> tuple[str, str]:
    if at >= len(text):
        return "this action does not end", "write `}}` at its end"
    if text[at] in "\"`'":
        return "this text does not end", f"write {text[at]} at its end, in the same line"
    return f"{text[at]!r} is no part of a template's action", "take it out, or quote it"


def _wrong(text: str, at: int, file: str, wrong: str, instead: str) -> Mistakes:
    return Mistakes([Mistake(place_in(text, at, file), "", wrong, instead)])
