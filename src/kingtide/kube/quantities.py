"""Parse and print Kubernetes quantities as exact integers.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ (v1.36).
"""

from __future__ import annotations

import re
from decimal import ROUND_UP, Context, Decimal

_SUFFIXES: dict[str, Decimal] = {
    "n": Decimal(1).scaleb(-9),
    "u": Decimal(1).scaleb(-6),
    "m": Decimal(1).scaleb(-3),
    "": Decimal(1),
    "k": Decimal(1000),
    "M": Decimal(1000) ** 2,
    "G": Decimal(1000) ** 3,
    "T": Decimal(1000) ** 4,
    "P": Decimal(1000) ** 5,
    "E": Decimal(1000) ** 6,
    "Ki": Decimal(1024),
    "Mi": Decimal(1024) ** 2,
    "Gi": Decimal(1024) ** 3,
    "Ti": Decimal(1024) ** 4,
    "Pi": Decimal(1024) ** 5,
    "Ei": Decimal(1024) ** 6,
}
_LARGEST = Decimal((1 << 63) - 1)
_SMALLEST = Decimal(1).scaleb(-9)
# The longest text (60 digits, exponent or suffix) is exact in it; the default has 28 digits.
_EXACT = Context(prec=200, Emax=2_000, Emin=-2_000)
# The number is bounded because a quantity comes from users' files: 30 digits on either side of the
# point hold any real value.
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30}))"
    r"(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?\d{1,3}))?",
    re.ASCII,
)


class QuantityError(ValueError):
    """A text that is no Kubernetes quantity."""


def parse_quantity(text: str) -> Decimal:
    """Return the exact value of a quantity in its base unit (cores, bytes, pods).

    As Kubernetes does, what is finer than a billionth is rounded up (away from zero), and what is
    beyond 2^63-1 is cut to that.

    Raises:
        QuantityError: the text is no quantity.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise QuantityError(f"{text!r} is not a quantity; write for example 500m, 2, 1.5 or 4Gi")
    number = Decimal(match["number"])
    if match["exponent"] is not None:
        value = number.scaleb(int(match["exponent"]), _EXACT)
    else:
        value = _EXACT.multiply(number, _SUFFIXES[match["suffix"] or ""])
    if abs(value) >= _LARGEST:
        return _LARGEST.copy_sign(value)
    return value.quantize(_SMALLEST, ROUND_UP, _EXACT).normalize(_EXACT)


def parse_cpu_millicores(text: str) -> int:
    """Return a CPU quantity in millicores, rounded up as Kubernetes' MilliValue does."""
    return int(_EXACT.multiply(parse_quantity(text), Decimal(1000)).to_integral_value(ROUND_UP))


def parse_bytes(text: str) -> int:
    """Return a memory or storage quantity in bytes, rounded up as Kubernetes' Value does."""
    return int(parse_quantity(text).to_integral_value(ROUND_UP))


def format_cpu(millicores: int) -> str:
    """Return millicores as Kubernetes prints them (`16`, `1500m`)."""
    return str(millicores // 1000) if millicores % 1000 == 0 else f"{millicores}m"


def format_bytes(size_bytes: int) -> str:
    """Return bytes with the largest binary suffix that divides them (`32Gi`, `1500Mi`)."""
    for suffix in ("Ti", "Gi", "Mi", "Ki"):
        unit = int(_SUFFIXES[suffix])
        if size_bytes and size_bytes % unit == 0:
            return f"{size_bytes // unit}{suffix}"
    return str(size_bytes)
