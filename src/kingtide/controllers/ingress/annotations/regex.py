"""Regular expressions that users may write: a part of PCRE's that is the same for everybody.

HAProxy refuses its whole configuration for one expression that PCRE refuses, and matches within its
event loop: an expression that backtracks for seconds holds everybody's traffic. So what is let
through is checked for both here: no expression of one Ingress can harm another's.
"""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.reading import Unreadable, shown

MAX_CHARACTERS = 512
MAX_GROUPS = 9
"""As many as a replacement can name."""
MAX_REPEATS = 4
"""Of `*`, `+` and `{n,}` in one expression. PCRE's limit of matching then ends the worst that these
can do (`.*a.*b.*c.*dd` over 8,000 characters of `abcd`) after 75 ms: measured on HAProxy 2.6.12,
two busy cores."""
MAX_OPTIONAL = 10
"""Of `?` in an expression that counts as cheap."""
MAX_COUNT = 100
"""Of `{n}`: PCRE unrolls them, and counts within counts multiply."""

_ESCAPED = frozenset(".^$*+?()[]{}|\\/-_~&=:;,@!#%<> ")
_CLASSES = frozenset("dDwWsSb")
_PLAIN = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~/:;,@!#%&=<>'\" "
)


def groups_of(text: str) -> int:
    """Return how many groups an expression has.

    Raises:
        Unreadable: it is none of those that may be written; the message says where.
    """
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(f"an expression of {len(text)} characters, at most {MAX_CHARACTERS}")
    return _Expression(text).groups()


def is_costly(text: str) -> bool:
    """Return whether an expression can try many ways to match: more than one thing varies in it.

    One that repeats once takes 0.3 ms at the worst, where others take up to PCRE's limit.

    Raises:
        Unreadable: as `groups_of`.
    """
    expression = _Expression(text)
    expression.groups()
    return expression.varying > 1 or expression.optional > MAX_OPTIONAL


class _Expression:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._groups = 0
        self._repeats = 0
        self.varying = 0
        self.optional = 0

    def groups(self) -> int:
        self._alternatives()
        if self._at < len(self._text):
            raise self._wrong("a parenthesis too many")
        return self._groups

    def _wrong(self, why: str) -> Unreadable:
        return Unreadable(f"{shown(self._text)} at character {self._at + 1}: {why}")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _alternatives(self) -> bool:
        """Read up to the end or a closing parenthesis; return whether anything repeats in it."""
        repeats = False
        while (char := self._peek()) and char != ")":
            if char == "|":
                self._at += 1
                continue
            inner, can_repeat = self._atom(char)
            repeats |= inner
            repeats |= self._repeat(inner=inner, can_repeat=can_repeat)
        return repeats

    def _atom(self, char: str) -> tuple[bool, bool]:
        """Read one; return whether something repeats within it, and whether it may repeat."""
        if char == "(":
            return self._group(), True
        if char == "[":
            self._set()
        elif char == "\\":
            self._at += 1
            escaped = self._peek()
            if (escaped not in _ESCAPED and escaped not in _CLASSES) or not escaped:
                raise self._wrong(f"\\{escaped} may not stand here")
            self._at += 1
            return False, escaped != "b"
        elif char in "^$":
            self._at += 1
            return False, False
        elif char == "." or char in _PLAIN:
            self._at += 1
        else:
            raise self._wrong(f"{char!r} has to be written with a backslash before it")
        return False, True

    def _group(self) -> bool:
        self._at += 1
        if self._peek() == "?":
            if self._text[self._at : self._at + 2] != "?:":
                raise self._wrong("only (...) and (?:...) may be written")
            self._at += 2
        else:
            self._groups += 1
        if self._groups > MAX_GROUPS:
            raise self._wrong(f"more than {MAX_GROUPS} groups")
        repeats = self._alternatives()
        if self._peek() != ")":
            raise self._wrong("a parenthesis is not closed")
        self._at += 1
        return repeats

    def _set(self) -> None:
        self._at += 1
        if self._peek() == "^":
            self._at += 1
        first, before, is_escaped = self._at, "", False
        while (char := self._peek()) != "]":
            if not char or char == "[" or not char.isascii() or not char.isprintable():
                raise self._wrong("a set of characters is not closed, or has [ in it")
            self._at += 1
            if is_escaped and char == "-" and self._peek() != "]":
                raise self._wrong("a range cannot begin with what has a backslash")
            is_escaped = char == "\\"
            if is_escaped:
                char = self._peek()
                if not char or (char not in _ESCAPED and char not in "dwsDWS"):
                    raise self._wrong(f"\\{char} may not stand in a set")
                self._at += 1
                before = ""
            elif char == "-" and before and self._peek() not in ("]", ""):
                self._range(before)
                before = ""
            else:
                before = char
        if self._at == first:
            raise self._wrong("an empty set of characters")
        self._at += 1

    def _range(self, low: str) -> None:
        high = self._peek()
        if not (low.isalnum() and high.isalnum() and high.isascii()) or high < low:
            raise self._wrong(f"{low}-{high} is no range")
        self._at += 1

    def _repeat(self, *, inner: bool, can_repeat: bool) -> bool:
        """Read what says how often; return whether that is without a bound."""
        char = self._peek()
        if char not in ("*", "+", "?", "{"):
            return False
        if not can_repeat:
            raise self._wrong("nothing stands here that could repeat")
        self._at += 1
        most: int | None = {"?": 1}.get(char)
        if char == "{":
            most = self._count()
        if self._peek() == "?":
            self._at += 1
        if self._peek() in ("*", "+", "?", "{"):
            raise self._wrong("a repetition of a repetition")
        if inner and most != 1:
            raise self._wrong("what repeats may not stand in what repeats: it can take for ever")
        self.optional += char == "?"
        self.varying += char != "?" and most != 1
        if most is None:
            self._repeats += 1
        if self._repeats > MAX_REPEATS:
            raise self._wrong(f"more than {MAX_REPEATS} of *, + and {{n,}}")
        return most is None or most > 1

    def _count(self) -> int | None:
        end = self._text.find("}", self._at)
        low, comma, high = self._text[self._at : max(end, self._at)].partition(",")
        if not _is_count(low) or (high and not _is_count(high)) or (high and int(high) < int(low)):
            raise self._wrong("{ begins a count such as {2} or {1,5}; else write \\{")
        self._at = end + 1
        if comma and not high:
            return None
        return int(high or low)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= MAX_COUNT
