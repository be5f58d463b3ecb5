"""Boolean expressions over a node's labels, as draino's --node-label-expr takes them.

`metadata.labels.region == 'eu-west-1' && !('admin' in metadata.labels)`: comparisons with `==`,
`!=`, `in` and `not in`, joined by `&&` (`and`), `||` (`or`) and `!` (`not`), which binds tightest.
A label that a node does not have reads as the empty text. Source:
https://github.com/planetlabs/draino/blob/9d39b53/README.md and
https://github.com/antonmedv/expr/blob/v1.8.8/docs/Language-Definition.md; of that language only
what can be said of labels is understood, and an expression that cannot be true or false is refused
when it is read, not when a node comes by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

import msgspec

MAX_LENGTH = 4_096
"""Characters: some forty comparisons, several times what anybody reads at a glance."""

MAX_DEPTH = 32
"""Nested parentheses and negations: a bound for the parser's own recursion."""


class ExpressionError(ValueError):
    """An expression that cannot be read; the message names the column and what to write."""


class Label(msgspec.Struct, frozen=True):
    """The value of a label."""

    key: str


class Text(msgspec.Struct, frozen=True):
    """A text as written."""

    value: str


Value = Label | Text


class Constant(msgspec.Struct, frozen=True):
    """`true` or `false`."""

    value: bool


class Equal(msgspec.Struct, frozen=True):
    """Two texts compared."""

    left: Value
    right: Value


class Among(msgspec.Struct, frozen=True):
    """A text that is one of a list."""

    item: Value
    options: tuple[Value, ...]


class HasLabel(msgspec.Struct, frozen=True):
    """A label that is there, whatever its value."""

    key: Value


class Not(msgspec.Struct, frozen=True):
    """The contrary."""

    term: Term


class Joined(msgspec.Struct, frozen=True):
    """All (`and`) or any (`or`) of some terms."""

    by: Literal["and", "or"]
    terms: tuple[Term, ...]


Term = Constant | Equal | Among | HasLabel | Not | Joined


def holds(term: Term, labels: Mapping[str, str]) -> bool:
    """Return whether an expression is true of these labels."""
    match term:
        case Constant():
            return term.value
        case Equal():
            return _text(term.left, labels) == _text(term.right, labels)
        case Among():
            item = _text(term.item, labels)
            return any(item == _text(option, labels) for option in term.options)
        case HasLabel():
            return _text(term.key, labels) in labels
        case Not():
            return not holds(term.term, labels)
        case Joined():
            quantifier = all if term.by == "and" else any
            return quantifier(holds(it, labels) for it in term.terms)


def _text(value: Value, labels: Mapping[str, str]) -> str:
    return labels.get(value.key, "") if isinstance(value, Label) else value.value


@lru_cache(maxsize=64)
def parse_expression(text: str) -> Term:
    """Return the expression; the empty text is true of every node.

    Raises:
        ExpressionError: it is too long, or not an expression over labels.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"{len(text)} characters are too many; {MAX_LENGTH} are read, write a shorter one"
        )
    if not text.strip():
        return Constant(True)
    return _Parser(text).whole()


class _Token(msgspec.Struct, frozen=True):
    kind: Literal["text", "word", "sign", "end"]
    value: str
    column: int


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>==|!=|&&|\|\||[!()\[\],.])
    )""",
    re.VERBOSE,
)
_Operand = Callable[[], "Term | Value"]
_WORDS = {"and": "&&", "or": "||", "not": "!"}


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(
                f"column {at + 1}: {text[at]!r} means nothing here; "
                "texts stand in quotes, and terms are joined by && or ||"
            )
        kind = match.lastgroup
        assert kind is not None
        value, column = match[kind], match.start(kind) + 1
        if kind == "text":
            tokens.append(_Token("text", re.sub(r"\\(.)", r"\1", value[1:-1]), column))
        elif kind == "word" and value in _WORDS and (not tokens or tokens[-1].value != "."):
            tokens.append(_Token("sign", _WORDS[value], column))
        else:
            tokens.append(_Token("word" if kind == "word" else "sign", value, column))
        at = match.end()
    return [*tokens, _Token("end", "", len(text) + 1)]


class _Parser:
    """Recursive descent, one method a level of precedence."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Term:
        term = self._condition(self._either())
        if self._next.kind != "end":
            raise self._refusal("expected && or || or the end")
        return term

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _takes(self, *signs: str) -> bool:
        if self._next.kind == "sign" and self._next.value in signs:
            self._at += 1
            return True
        return False

    def _expect(self, sign: str, why: str) -> None:
        if not self._takes(sign):
            raise self._refusal(f"expected {sign} {why}")

    def _refusal(self, expected: str) -> ExpressionError:
        found = self._next
        shown = "the end" if found.kind == "end" else repr(found.value)
        return ExpressionError(f"column {found.column}: {expected}, not {shown}")

    def _either(self) -> Term | Value:
        return self._joined("or", "||", self._both)

    def _both(self) -> Term | Value:
        return self._joined("and", "&&", self._comparison)

    def _joined(self, by: Literal["and", "or"], sign: str, operand: _Operand) -> Term | Value:
        first = operand()
        if not (self._next.kind == "sign" and self._next.value == sign):
            return first
        terms = [self._condition(first)]
        while self._takes(sign):
            terms.append(self._condition(operand()))
        return Joined(by, tuple(terms))

    def _comparison(self) -> Term | Value:
        left = self._unary()
        token = self._next
        if self._takes("==", "!="):
            equal = Equal(self._value(left, token), self._value(self._unary(), token))
            return equal if token.value == "==" else Not(equal)
        negated = token.value == "!" and self._tokens[self._at + 1].value == "in"
        if negated:
            self._at += 1
        if self._next.kind == "word" and self._next.value == "in":
            self._take()
            found = self._membership(self._value(left, token))
            return Not(found) if negated else found
        return left

    def _membership(self, item: Value) -> Term:
        if self._next.value == "metadata":
            self._labels()
            return HasLabel(item)
        self._expect("[", "and a list, or metadata.labels")
        options: list[Value] = []
        while not self._takes("]"):
            if options:
                self._expect(",", "between the texts of the list")
            options.append(self._value(self._unary(), self._next))
        return Among(item, tuple(options))

    def _unary(self) -> Term | Value:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refusal(f"expected at most {MAX_DEPTH} parentheses within each other")
        try:
            if self._takes("!"):
                return Not(self._condition(self._unary()))
            return self._primary()
        finally:
            self._depth -= 1

    def _primary(self) -> Term | Value:
        if self._takes("("):
            inner = self._either()
            self._expect(")", "to close the parenthesis")
            return inner
        if self._next.kind == "text":
            return Text(self._take().value)
        if self._next.kind == "word" and self._next.value in ("true", "false"):
            return Constant(self._take().value == "true")
        if self._next.kind == "word" and self._next.value == "metadata":
            return self._label()
        raise self._refusal("expected metadata.labels.KEY, metadata.labels['KEY'] or a text")

    def _labels(self) -> None:
        self._take()
        self._expect(".", "and labels after metadata")
        if self._next.value != "labels":
            raise self._refusal("expected labels: of a node's metadata only they are known")
        self._take()

    def _label(self) -> Label:
        self._labels()
        if self._takes("."):
            if self._next.kind != "word":
                raise self._refusal("expected a label's key")
            return Label(self._take().value)
        self._expect("[", "or . and a label's key")
        if self._next.kind != "text":
            raise self._refusal("expected a label's key in quotes")
        key = self._take().value
        self._expect("]", "after the label's key")
        return Label(key)

    def _condition(self, found: Term | Value) -> Term:
        if isinstance(found, Label | Text):
            raise self._refusal("expected == or another comparison after a text")
        return found

    def _value(self, found: Term | Value, at: _Token) -> Value:
        if isinstance(found, Label | Text):
            return found
        raise ExpressionError(
            f"column {at.column}: only texts can be compared; "
            "put what is negated or joined in parentheses"
        )
