"""Values as expressions of a Go template.

A template that builds its values itself gets exactly the types that kops gives it. Handed over as
JSON they would lose nulls (Helm removes them) and whole numbers (all become floating).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Value = None | bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"]
"""What a values file holds once it is read: numbers of files are float, of --set they are int."""
MutableValue = None | bool | int | float | str | list["MutableValue"] | dict[str, "MutableValue"]
"""The same while it is put together."""

# An honest values file has a dozen levels; text/template itself ends at ten thousand parentheses.
MAX_DEPTH = 200

_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class TooDeep(ValueError):
    """Values are nested deeper than MAX_DEPTH."""


def go_literal(value: Value, *, depth: int = 0) -> str:
    """Return an expression whose value is the given one.

    Raises:
        TooDeep: it is nested deeper than MAX_DEPTH.
    """
    if depth > MAX_DEPTH:
        raise TooDeep
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case int():
            return f"(int64 {value})"
        case float():
            return repr(value)
        case str():
            return quoted(value)
        case Mapping():
            pairs = (f" {quoted(k)} {go_literal(v, depth=depth + 1)}" for k, v in value.items())
            return f"(dict{''.join(pairs)})"
    return f"(list{''.join(' ' + go_literal(item, depth=depth + 1) for item in value)})"


def quoted(text: str) -> str:
    """Return a text as a Go string literal."""
    return '"' + "".join(_character(it) for it in text) + '"'


def _character(it: str) -> str:
    if it in _ESCAPED:
        return _ESCAPED[it]
    if it.isprintable():
        return it
    # JSON may hold half of a surrogate pair, which is no character.
    return f"\\U{min(ord(it), 0x10FFFF):08x}" if not 0xD800 <= ord(it) <= 0xDFFF else "\\ufffd"
