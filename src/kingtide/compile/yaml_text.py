"""The one writer of YAML: the same value is the same bytes, whichever YAML reads them.

Keys stand in alphabetical order, as kops prints them (`kops get -o yaml`), in block style. A text
stands without quotes only where no reader, of YAML 1.1 (kops, Helm, kubectl: Go's yaml.v2 and
PyYAML) or 1.2, takes it for anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from kingtide.fleet.documents.tree import Plain, ScalarValue

# Neither number, date nor time in any version of YAML: words, paths, ARNs, `key=value:Effect`.
_WORD = re.compile(r"[A-Za-z/][A-Za-z0-9_./@%+=,-]*(:+[A-Za-z0-9_./@%+=,-]+)*")
# Versions, addresses and ranges (1.35.7, 10.0.0.0/16), quantities and durations (100Gi, 30m0s).
_NUMBERED = re.compile(r"[0-9]+(\.[0-9]+){2,}(/[0-9]+)?|([0-9]+(h|ms|m|s))+|[0-9]+([KMGT]i|%)")
# Words that some reader takes for a boolean or for nothing, in lower case.
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
# What a literal block can hold as it is: the printable characters of YAML 1.1, section 5.1.
_PRINTABLE = re.compile("[\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNBREAKABLE = "\x85\u2028\u2029"  # line breaks to YAML 1.1, characters to 1.2


def yaml_text(body: Plain) -> str:
    """Return one document as YAML, ending with a line break."""
    return "\n".join(_lines(body, "")) + "\n"


def yaml_stream(bodies: Iterable[Plain]) -> str:
    """Return several documents as one YAML stream, `---` between them."""
    return "---\n".join(yaml_text(body) for body in bodies)


def _lines(value: Plain, indent: str) -> Iterator[str]:
    """Yield the lines of a value that stands by itself."""
    if isinstance(value, dict) and value:
        for key in sorted(value):
            yield from _entry(f"{indent}{_text(key)}:", value[key], indent)
    elif isinstance(value, list) and value:
        for item in value:
            yield from _item(item, indent)
    else:
        yield f"{indent}{_inline(value)}"


def _entry(start: str, value: Plain, indent: str) -> Iterator[str]:
    """Yield a key, whose line starts so far, with its value."""
    if isinstance(value, dict) and value:
        yield start
        yield from _lines(value, f"{indent}  ")
    elif isinstance(value, list) and value:
        # As kops and kubectl do: the dashes stand below the key.
        yield start
        yield from _lines(value, indent)
    elif isinstance(value, str) and _fits_block(value):
        yield f"{start} {'|' if value.endswith(chr(10)) else '|-'}"
        yield from (f"{indent}  {line}" if line else "" for line in value.rstrip("\n").split("\n"))
    else:
        yield f"{start} {_inline(value)}"


def _item(item: Plain, indent: str) -> Iterator[str]:
    """Yield an item of a list: its first line stands behind the dash."""
    if isinstance(item, dict | list) and item:
        inner = f"{indent}  "
        lines = _lines(item, inner)
        yield f"{indent}- {next(lines)[len(inner) :]}"
        yield from lines
    else:
        yield f"{indent}- {_inline(item)}"


def _inline(value: Plain) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    return _scalar(value)


def _scalar(value: ScalarValue) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return _text(value)


def _text(text: str) -> str:
    plain = _WORD.fullmatch(text) or _NUMBERED.fullmatch(text)
    return text if plain and text.lower() not in _RESERVED else _quoted(text)


def _quoted(text: str) -> str:
    if '"' in text and "'" not in text and "\n" not in text and _reads_as_it_is(text):
        return f"'{text}'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if _PRINTABLE.fullmatch(character) and character not in _UNBREAKABLE:
        return character
    return f"\\U{ord(character):08x}"


def _fits_block(text: str) -> bool:
    """Return whether a text of several lines reads the same as a literal block."""
    return (
        "\n" in text[:-1]
        and not text.startswith((" ", "\n", "\t"))
        and not text.endswith("\n\n")
        and _reads_as_it_is(text)
    )


def _reads_as_it_is(text: str) -> bool:
    """Return whether no character of a text needs an escape."""
    return _PRINTABLE.fullmatch(text) is not None and not any(it in text for it in _UNBREAKABLE)
