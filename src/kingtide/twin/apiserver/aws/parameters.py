"""The parameters of a call in AWS' query protocols: flat names that spell lists and structures.

`Filters.member.1.Name=tag-key` (query protocol) and `Filter.1.Name=instance-id` (EC2's).
Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, aws-ec2-query-protocol.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec

from kingtide.twin.apiserver.aws.refused import AwsRefusal, invalid

MAX_PARAMETERS = 10_000
"""A filter takes 200 values, and a call a handful of filters; this is out of reach."""


class Parameters:
    """A call's parameters; every reading of one says what is wrong with it as AWS would."""

    def __init__(self, flat: Mapping[str, str]) -> None:
        self._flat = flat

    def text(self, name: str, default: str = "") -> str:
        """Return a text."""
        return self._flat.get(name, default)

    def required(self, name: str) -> str:
        """Return a text that must be there.

        Raises:
            AwsRefusal: it is not.
        """
        found = self._flat.get(name, "")
        if not found:
            raise invalid(
                f"1 validation error detected: Value null at '{name[:1].lower()}{name[1:]}' failed"
                " to satisfy constraint: Member must not be null"
            )
        return found

    def number(self, name: str, default: int) -> int:
        """Return a whole number.

        Raises:
            AwsRefusal: it is none.
        """
        found = self._flat.get(name)
        if found is None:
            return default
        if not found.removeprefix("-").isdecimal() or not found.isascii() or len(found) > 12:
            raise AwsRefusal("MalformedInput", f"{name} is no integer")
        return int(found)

    def flag(self, name: str, default: bool) -> bool:
        """Return a boolean."""
        return self._flat.get(name, str(default)).lower() == "true"

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the values of a list of texts, in their order; `name` without the numbers."""
        return tuple(value for value in (it.get("", "") for it in self._members(name)) if value)

    def structures(self, name: str) -> tuple[Parameters, ...]:
        """Return the members of a list of structures, in their order."""
        return tuple(Parameters(it) for it in self._members(name))

    def _members(self, name: str) -> Sequence[Mapping[str, str]]:
        found: dict[int, dict[str, str]] = {}
        start = len(name) + 1
        for key, value in self._flat.items():
            if key.startswith(f"{name}."):
                number, _, rest = key[start:].partition(".")
                if number.isascii() and number.isdecimal() and len(number) < 6:
                    found.setdefault(int(number), {})[rest] = value
        return [found[number] for number in sorted(found)]


class Filter(msgspec.Struct, frozen=True):
    """One filter of a describe call: any of its values; several filters must all hold."""

    name: str
    values: tuple[str, ...]


def read_form(body: bytes) -> Mapping[str, str]:
    """Return the parameters of a form.

    Raises:
        AwsRefusal: it is none, or has too many.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS
        )
    except ValueError:
        raise AwsRefusal("MalformedQueryString", "The query string is malformed.") from None
    return dict(pairs)


def filters(parameters: Parameters, name: str, values: str) -> tuple[Filter, ...]:
    """Return the filters of a call; `name` and `values` are what the protocol calls the lists."""
    return tuple(Filter(it.text("Name"), it.listed(values)) for it in parameters.structures(name))
