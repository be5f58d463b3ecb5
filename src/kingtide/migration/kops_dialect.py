"""kops' templates in terms of Helm's engine: what differs is rewritten, or refused in its place.

kops has its own `indent` and `include`. Both become calls of templates of ours, in which the rules
of kops are written: `x | indent 4` becomes `x | list 4 | include "/kops/indent"`. Places in what
comes out are led back to the user's own text.

Source: kops pkg/util/templater/templater.go (`indentContent`, `includeSnippet`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Place
from kingtide.migration.go_literals import quoted
from kingtide.migration.template_functions import refusal
from kingtide.migration.template_text import Action, Token, actions, place_in

MAIN = "mainTemplate"
"""The name that kops gives the template it renders; no snippet may have it."""

# A snippet's name is that of a file, in which no slash can be: users' names never meet these.
_INDENT = "/kops/indent"
_INCLUDE = "/kops/include"
_FAIL = "/kops/fail"
FAILED = "/kops/failed/"
"""What begins the name of a template that does not exist, asked for in place of `fail`.

Helm tells of `fail` where the outermost template calls the next; of a template that is missing, as
of everything else, where it is asked for. The rest of the name is the message in base 64.
"""

# What kops says with indentContent: width 0 for the first line and for empty ones. `trunc` fails,
# as kops' does, where the width is no whole number or the content no text.
RULES = f"""\
{{{{ define "{_FAIL}" -}}}}
{{{{- include (printf "{FAILED}%s" (index . 0 | b64enc)) . -}}}}
{{{{- end }}}}
{{{{ define "{_INDENT}" -}}}}
{{{{- if ne (len .) 2 -}}}}
{{{{- include "{_FAIL}" (list "indent takes a width and a text") -}}}}
{{{{- end -}}}}
{{{{- $width := index . 0 }}}}{{{{ $_ := trunc $width "" -}}}}
{{{{- range $number, $line := splitList "\\n" (index . 1) -}}}}
{{{{- if $number }}}}{{{{ "\\n" }}}}{{{{ end -}}}}
{{{{- if and $number $line }}}}{{{{ printf (printf "%%%ds" $width) "" }}}}{{{{ end -}}}}
{{{{- $line -}}}}
{{{{- end -}}}}
{{{{- end }}}}
{{{{ define "{_INCLUDE}" -}}}}
{{{{- if ne (len .) 2 -}}}}
{{{{- include "{_FAIL}" (list "include takes a name and a context, as in include \\"a\\" .") -}}}}
{{{{- end -}}}}
{{{{- $context := index . 1 -}}}}
{{{{- if not (or (kindIs "map" $context) (kindIs "invalid" $context)) -}}}}
{{{{- $kind := kindOf $context -}}}}
{{{{- include "{_FAIL}" (list (printf "include needs a map as its context, not a %s" $kind)) -}}}}
{{{{- end -}}}}
{{{{- include (index . 0) (default dict $context) -}}}}
{{{{- end }}}}
"""


class Source(msgspec.Struct, frozen=True):
    """A template's or snippet's text; `file` names it in messages, `name` in templates."""

    name: str
    file: str
    text: str


class Piece(msgspec.Struct, frozen=True):
    """A stretch of the text for the engine, and where in the user's it comes from."""

    text: str
    at: int
    is_own: bool
    """Whether it is the user's own text, character by character."""


class Rewritten(msgspec.Struct, frozen=True):
    """A source as the engine gets it."""

    source: Source
    pieces: tuple[Piece, ...]
    defines: tuple[tuple[str, int], ...]
    """The templates that it defines, with the characters at which they begin."""

    @property
    def text(self) -> str:
        """What the engine gets."""
        return "".join(piece.text for piece in self.pieces)

    def place(self, line: int, column_bytes: int | None) -> Place:
        """Return the user's place of a line (from 1) and byte (from 0) that the engine names.

        Without a byte it is the first action of the line.
        """
        lines = self.text.split("\n")
        index = max(0, min(line, len(lines)) - 1)
        offset = sum(len(it) + 1 for it in lines[:index])
        if column_bytes is not None:
            head = lines[index].encode()[: max(0, column_bytes)]
            offset += len(head.decode(errors="ignore"))
        at = self._origin(offset)
        if column_bytes is None:
            brace = self.source.text.find("{{", at)
            end = self.source.text.find("\n", at)
            at = brace if brace >= 0 and (end < 0 or brace < end) else at
        return place_in(self.source.text, at, self.source.file)

    def _origin(self, offset: int) -> int:
        starts: list[int] = []
        length = 0
        for piece in self.pieces:
            starts.append(length)
            length += len(piece.text)
        index = max(0, bisect_right(starts, offset) - 1)
        piece = self.pieces[index]
        return piece.at + (offset - starts[index] if piece.is_own else 0)


class _Edit(msgspec.Struct, frozen=True):
    """A text in place of another; `origin` is what it is about."""

    start: int
    end: int
    text: str
    origin: int


def rewritten(source: Source, findings: Findings) -> Rewritten:
    """Return a source as the engine is to have it, noting what is refused.

    Raises:
        Mistakes: an action has no end.
    """
    edits: list[_Edit] = []
    found = list(actions(source.text, source.file))
    for action in found:
        _check(action, source, findings)
        edits.extend(_edits(action))
    blocks = list(_definitions(found))
    outside, inside = _split(source.text, edits, blocks)
    opening = Piece(f"{{{{ define {quoted(source.name)} }}}}", 0, is_own=False)
    closing = Piece("{{ end }}", len(source.text), is_own=False)
    return Rewritten(
        source,
        (opening, *outside, closing, *inside),
        tuple((_text_of(first.tokens[1]), first.start) for first, _ in blocks),
    )


def _check(action: Action, source: Source, findings: Findings) -> None:
    """Note functions that kops has not, or that would not give the same bytes every time."""
    for token in action.tokens:
        told = refusal(token.text) if token.kind == "name" else None
        if told is None:
            continue
        wrong, instead = told
        findings.add(place_in(source.text, token.start, source.file), (), wrong, instead)


def _edits(action: Action) -> Iterator[_Edit]:
    """Yield what to change in an action for it to mean to Helm's engine what it means to kops."""
    pending: list[list[tuple[str, int]]] = [[]]
    end = action.start
    before: Token | None = None
    for token in action.tokens:
        if token.text == ")" and len(pending) > 1:
            yield from _appended(pending.pop(), end)
        elif token.text == "|":
            yield from _appended(pending[-1], end)
            pending[-1] = []
        elif token.text == "(":
            pending.append([])
        elif token.kind == "name" and _begins_command(before):
            yield from _renamed(token, pending[-1])
        before, end = token, token.end
    for added in reversed(pending):
        yield from _appended(added, end)


def _begins_command(before: Token | None) -> bool:
    if before is None or before.text in ("(", "|", ":=", "="):
        return True
    # `{{ template "x" indent 4 . }}` has its command after a text; no function takes one so.
    return before.text in ("if", "with", "range", "else")


_AS_TEMPLATES = {"indent": _INDENT, "include": _INCLUDE, "fail": _FAIL}


def _renamed(token: Token, added: list[tuple[str, int]]) -> Iterator[_Edit]:
    if token.text in _AS_TEMPLATES:
        yield _Edit(token.start, token.end, "list", token.start)
        added.append((f' | include "{_AS_TEMPLATES[token.text]}"', token.start))
    elif token.text == "keys":  # kops leaves their order to chance; this is one of those it gives
        added.append((" | sortAlpha", token.start))
    elif token.text == "fromJson":  # Helm has another of this name
        yield _Edit(token.start, token.end, "mustFromJson", token.start)


def _appended(texts: Sequence[tuple[str, int]], at: int) -> Iterator[_Edit]:
    for text, origin in texts:
        yield _Edit(at, at, text, origin)


def _definitions(found: Sequence[Action]) -> Iterator[tuple[Action, Action]]:
    """Yield the first and last action of every `define`, which Go takes at the top only."""
    depth = 0
    opened: Action | None = None
    for action in found:
        if action.word == "define" and depth == 0 and _is_named(action):
            opened = action
        if action.word in ("if", "with", "range", "block", "define"):
            depth += 1
        elif action.word == "end":
            depth -= 1
            if depth == 0 and opened is not None:
                yield opened, action
                opened = None


def _is_named(action: Action) -> bool:
    return len(action.tokens) == 2 and action.tokens[1].kind == "text"


def _text_of(token: Token) -> str:
    return token.text[1:-1]


def _split(
    text: str, edits: Sequence[_Edit], blocks: Sequence[tuple[Action, Action]]
) -> tuple[list[Piece], list[Piece]]:
    """Return the text outside and inside definitions, edited.

    A definition leaves a comment behind that takes the same white space beside it.
    """
    outside: list[Piece] = []
    inside: list[Piece] = []
    at = 0
    for first, last in blocks:
        outside += _edited(text, edits, at, first.start)
        left, right = "- " if first.trims_left else "", " -" if last.trims_right else ""
        outside.append(Piece(f"{{{{{left}/* */{right}}}}}", first.start, is_own=False))
        inside += _edited(text, edits, first.start, last.end)
        at = last.end
    outside += _edited(text, edits, at, len(text))
    return outside, inside


def _edited(text: str, edits: Sequence[_Edit], start: int, end: int) -> Iterator[Piece]:
    at = start
    for edit in edits:
        if not start <= edit.start < end:
            continue
        yield Piece(text[at : edit.start], at, is_own=True)
        yield Piece(edit.text, edit.origin, is_own=False)
        at = edit.end
    yield Piece(text[at:end], at, is_own=True)
