"""IntOrString amounts: `3` or `25%` of some total, as disruption budgets and rollouts write them.

Source: https://github.com/kubernetes/apimachinery/blob/v0.36.0/pkg/util/intstr/intstr.go,
GetScaledValueFromIntOrPercent.
"""

from __future__ import annotations

import re

# A percentage may exceed 100 where the field's own validation lets it; ten digits are past int32.
_AMOUNT = re.compile(r"([0-9]{1,10})(%?)")


class NotAnAmount(ValueError):
    """A text that is neither a number nor a percentage."""


def is_percentage(text: str) -> bool:
    """Return whether an amount is relative to a total.

    Raises:
        NotAnAmount: it is neither a number nor a percentage.
    """
    return _parse(text)[1]


def scaled(text: str, total: int, *, round_up: bool) -> int:
    """Return an amount in whole pods; `round_up` says which way the part of one pod goes.

    Raises:
        NotAnAmount: it is neither a number nor a percentage.
    """
    number, relative = _parse(text)
    if not relative:
        return number
    return -(-number * total // 100) if round_up else number * total // 100


def _parse(text: str) -> tuple[int, bool]:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise NotAnAmount(f"{text!r} is neither a number of pods nor a percentage such as 25%")
    return int(match[1]), match[2] == "%"
