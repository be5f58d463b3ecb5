"""The kinds of values users write (durations, quantities, shares, counts).

Each with its own message.

Every kind takes what the YAML reader gives (text, whole numbers, Decimals, booleans) and returns an
integer in the unit that the program counts in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from kingtide.kube.quantities import QuantityError, parse_bytes, parse_cpu_millicores

_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_UNIT_MS = {"h": Decimal(3_600_000), "m": Decimal(60_000), "s": Decimal(1000), "ms": Decimal(1)}
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
# Quantities beyond these are typing errors: a million cores, an exbibyte.
_MAX_MILLICORES = 1_000_000_000
_MAX_BYTES = 2**60
_MAX_COUNT = 10_000_000
_HIGHEST_FACTOR = 1_000_000
_HIGHEST_PRIORITY = 1_000_000_000
_MAX_DURATION_MS = 10 * 366 * 24 * 3_600_000


def duration_ms(value: object) -> int:
    """Return a Go duration (`90s`, `5m0s`, `1h30m`, `250ms`) in milliseconds.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, str) and value.startswith("-"):
        raise ValueError(f"{value!r} is negative; write a duration of 0s or more")
    if value == 0 and not isinstance(value, bool):
        return 0
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        unit = f"{value}s, " if _is_number(value) else ""
        raise ValueError(
            f"{_told(value)} is not a duration; write for example {unit}90s, 5m or 1h30m"
        )
    total = sum(
        (Decimal(number) * _UNIT_MS[unit] for number, unit in _DURATION_PART.findall(value)),
        Decimal(0),
    )
    if total > _MAX_DURATION_MS:
        raise ValueError(f"{value!r} is longer than ten years; write less")
    return int(total)


def positive_duration_ms(value: object) -> int:
    """Return a duration longer than nothing, in milliseconds."""
    found = duration_ms(value)
    if found == 0:
        raise ValueError("is no time at all; write a duration longer than 0s")
    return found


def whole_seconds(value: object) -> int:
    """Return a duration in whole seconds."""
    found = duration_ms(value)
    if found % 1000:
        raise ValueError(f"{value!r} is not in whole seconds; write for example 1s")
    return found // 1000


def positive_seconds(value: object) -> int:
    """Return a duration of one second or more in whole seconds."""
    found = whole_seconds(value)
    if found == 0:
        raise ValueError("is no time at all; write 1s or more")
    return found


def cpu_millicores(value: object) -> int:
    """Return a CPU quantity (`500m`, `2`, `1.5`) in millicores."""
    return _quantity(value, parse_cpu_millicores, _MAX_MILLICORES, "500m, 2 or 1.5")


def memory_bytes(value: object) -> int:
    """Return a memory quantity (`512Mi`, `4Gi`) in bytes."""
    return _quantity(value, parse_bytes, _MAX_BYTES, "512Mi or 4Gi")


def count(value: object) -> int:
    """Return a whole number of 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{_told(value)} is not a whole number; write for example 3")
    if value < 0:
        raise ValueError(f"{value} is negative; write 0 or more")
    if value > _MAX_COUNT:
        raise ValueError(f"{value} is more than {_MAX_COUNT:,}; write less")
    return value


def positive_count(value: object) -> int:
    """Return a whole number of 1 or more."""
    found = count(value)
    if found == 0:
        raise ValueError("0 is too few; write 1 or more")
    return found


def priority(value: object) -> int:
    """Return a pod priority: a whole number up to a billion, above which Kubernetes keeps its own.

    Source (v1.36):
    https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{_told(value)} is not a whole number; write for example -5")
    if not -_HIGHEST_PRIORITY <= value <= _HIGHEST_PRIORITY:
        raise ValueError(f"{value} is beyond a billion; write for example 5 or -10")
    return value


def percent(value: object) -> int:
    """Return a share written as a fraction (`0.7`) or a percentage (`70%`) in whole percent.

    More than 1 is allowed up to 10, since a target may stand above what is requested.
    """
    if isinstance(value, str) and re.fullmatch(r"\d{1,4}%", value):
        found = Decimal(value[:-1])
    elif isinstance(value, Decimal | int) and not isinstance(value, bool):
        found = Decimal(value) * 100
    else:
        raise ValueError(f"{_told(value)} is not a share; write for example 0.7 or 70%")
    if found <= 0:
        raise ValueError(f"{value} is not above 0; write for example 0.7 or 70%")
    if found > 1000:
        instead = "a fraction such as 0.7, or 70%"
        if not isinstance(value, str) and value <= 1000:  # whoever writes 70 means 70 %
            instead = f"{value}% or {Decimal(value) / 100}"
        raise ValueError(f"{value} means {found:,f} %; write {instead}")
    if found != found.to_integral_value():
        raise ValueError(
            f"{value} is not in whole percent; write for example {found.to_integral_value()}%"
        )
    return int(found)


def factor(value: object) -> Decimal:
    """Return a number above 0 by which something is multiplied, or a percentage (`103%`)."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,6}(\.\d{1,6})?%", value):
        found = Decimal(value[:-1]) / 100
    elif _is_number(value):
        found = Decimal(str(value))
    else:
        raise ValueError(f"{_told(value)} is not a factor; write for example 1.03 or 103%")
    if found <= 0:
        raise ValueError(f"{value} is not above 0; write for example 1.03")
    if found > _HIGHEST_FACTOR:
        raise ValueError(f"{value} is more than a million; write less")
    return found


def switch(value: object) -> bool:
    """Return true or false, which nothing else stands for."""
    if not isinstance(value, bool):
        raise ValueError(f"{_told(value)} is neither true nor false; write true or false")
    return value


def dns_label(value: str) -> str:
    """Return a name as Kubernetes takes it for most objects (RFC 1123 label)."""
    if not _DNS_LABEL.fullmatch(value):
        raise ValueError(
            f"{value!r} is not a name; write up to 63 lower-case letters, digits and dashes"
        )
    return value


def store_url(value: str) -> str:
    """Return where kops keeps its state, as it names places: `s3://bucket/path`.

    Source: kops util/pkg/vfs/context.go, which knows a place by its scheme.
    """
    if re.fullmatch(_STORE_PATTERN, value) is None:
        raise ValueError(f"{value!r} is no place; write for example s3://acme-kops-state")
    return value


def number_or_percentage(value: object) -> object:
    """Return a count or a percentage (`25%`) as written."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,4}%", value):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ValueError(
        f"{_told(value)} is neither a number nor a percentage; write for example 2 or 10%"
    )


def name_or_list(value: object) -> object:
    """Return one name or a list of texts as written."""
    if isinstance(value, str):
        return dns_label(value)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ValueError(
        f"{_told(value)} is neither a name nor a list of names; write a name or [a, b]"
    )


def _quantity(value: object, parse: Callable[[str], int], highest: int, example: str) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"{_told(value)} is not a quantity; write for example {example}")
    try:
        found = parse(f"{value:f}" if isinstance(value, Decimal) else str(value))
    except QuantityError:
        raise ValueError(f"{_told(value)} is not a quantity; write for example {example}") from None
    if found < 0:
        raise ValueError(f"{value} is negative; write 0 or more")
    if found > highest:
        raise ValueError(f"{value} is more than any node has; write for example {example}")
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _told(value: object) -> str:
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else str(value)


def _text(example: str, pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$", "examples": [example]})


def _number_or_text(pattern: str, *examples: object) -> dict[str, Any]:
    return {"type": ["number", "string"], "pattern": f"^({pattern})$", "examples": list(examples)}


# JSON Schema's regular expressions (ECMA 262), for editors; the functions above have the last word.
_DURATION_PATTERN = r"([0-9]{1,9}(\.[0-9]{1,9})?(h|ms|m|s))+"
_QUANTITY_PATTERN = (
    r"\+?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]{1,3})?"
)
_STORE_PATTERN = r"[a-z][a-z0-9]*://[^\s/]\S*"
_PERCENT_PATTERN = r"[0-9]{1,4}%"
_FACTOR_PATTERN = r"[0-9]{1,6}(\.[0-9]{1,6})?%"

DURATION_FORMS: list[dict[str, Any]] = [
    {"type": "string", "pattern": f"^({_DURATION_PATTERN})$", "examples": ["90s", "5m"]},
    {"const": 0},
]
DURATION_SCHEMA = WithJsonSchema({"anyOf": DURATION_FORMS})
"""Durations as Go writes them, and a bare 0."""
PERCENT_SCHEMA = _number_or_text(_PERCENT_PATTERN, 0.7, "70%")
"""Shares: a fraction, or a percentage."""
QUANTITY_SCHEMA = _number_or_text(_QUANTITY_PATTERN, "500m", "4Gi", 2)
"""Kubernetes quantities."""
FACTOR_SCHEMA = _number_or_text(_FACTOR_PATTERN, 1.03, "103%")
"""Numbers by which something is multiplied."""

DurationMs = Annotated[int, BeforeValidator(duration_ms), DURATION_SCHEMA]
PositiveSeconds = Annotated[int, BeforeValidator(positive_seconds), _text("15s", _DURATION_PATTERN)]
PositiveDurationMs = Annotated[
    int, BeforeValidator(positive_duration_ms), _text("15s", _DURATION_PATTERN)
]
Seconds = Annotated[int, BeforeValidator(whole_seconds), DURATION_SCHEMA]
Millicores = Annotated[
    int,
    BeforeValidator(cpu_millicores),
    WithJsonSchema({**QUANTITY_SCHEMA, "examples": ["500m", 2]}),
]
Bytes = Annotated[
    int, BeforeValidator(memory_bytes), WithJsonSchema({**QUANTITY_SCHEMA, "examples": ["4Gi"]})
]
Count = Annotated[int, BeforeValidator(count), WithJsonSchema({"type": "integer", "minimum": 0})]
PositiveCount = Annotated[
    int, BeforeValidator(positive_count), WithJsonSchema({"type": "integer", "minimum": 1})
]
Priority = Annotated[
    int,
    BeforeValidator(priority),
    WithJsonSchema({"type": "integer", "maximum": _HIGHEST_PRIORITY}),
]
Percent = Annotated[int, BeforeValidator(percent), WithJsonSchema(PERCENT_SCHEMA)]
Factor = Annotated[Decimal, BeforeValidator(factor), WithJsonSchema(FACTOR_SCHEMA)]
Switch = Annotated[bool, BeforeValidator(switch), WithJsonSchema({"type": "boolean"})]
NumberOrPercentage = Annotated[
    int | str,
    BeforeValidator(number_or_percentage),
    WithJsonSchema(
        {
            "type": ["integer", "string"],
            "minimum": 0,
            "pattern": f"^{_PERCENT_PATTERN}$",
            "examples": [2, "10%"],
        }
    ),
]
_NAME_SCHEMA = {"type": "string", "pattern": f"^{_DNS_LABEL.pattern}$"}
NameOrList = Annotated[
    str | tuple[str, ...],
    BeforeValidator(name_or_list),
    WithJsonSchema(
        {"anyOf": [_NAME_SCHEMA, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    ),
]
Name = Annotated[str, AfterValidator(dns_label), WithJsonSchema(_NAME_SCHEMA)]
StoreUrl = Annotated[str, AfterValidator(store_url), _text("s3://acme-kops-state", _STORE_PATTERN)]
