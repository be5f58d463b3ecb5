"""What a plain YAML scalar means: YAML 1.2's core schema, in which `20:52` and `on` are text.

Source: https://yaml.org/spec/1.2.2/#1032-tag-resolution. YAML 1.1, which most loaders still follow,
reads `20:52` as the number 1252 and `no` as false; both would surprise in a file full of times.
"""

from __future__ import annotations

import re
from decimal import Decimal

from kingtide.fleet.documents.tree import ScalarValue

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
# Digits are bounded because numbers come from users' files, and huge ones take quadratic time to
# parse.
_INTEGER = re.compile(r"[-+]?[0-9]{1,60}")
_OCTAL = re.compile(r"0o[0-7]{1,60}")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,60}")
_FRACTION = re.compile(r"[-+]?(\.[0-9]{1,60}|[0-9]{1,60}(\.[0-9]{0,60})?)([eE][-+]?[0-9]{1,3})?")


def plain_scalar(text: str) -> ScalarValue:
    """Return the value of a scalar written without quotes.

    Infinities and NaN stay text, since no field wants them.
    """
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text, base=0)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, base=0)
    if _FRACTION.fullmatch(text):
        return Decimal(text)
    return text
