"""What instances cost in a rehearsal, where the twin's own price table is not to be used."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from kingtide.aws.instance_types import INSTANCE_TYPES
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.written import Written
from kingtide.twin.definition import PriceOverride

_MOST_USD_PER_HOUR = 1_000
"""Far above the dearest instance of EC2; a price beyond it is in another unit."""


def _known_type(value: str) -> str:
    if value not in INSTANCE_TYPES:
        advice = did_you_mean(value, INSTANCE_TYPES, what="instance types")
        raise ValueError(f"there is no instance type {value!r}; {advice}")
    return value


def _micro_usd(value: object) -> int:
    try:
        usd = Decimal(str(value))
    except InvalidOperation:
        usd = Decimal("NaN")
    if isinstance(value, bool) or not usd.is_finite():
        raise ValueError(f"{value!r} is not a price; write USD an hour, as 0.768")
    if not 0 <= usd <= _MOST_USD_PER_HOUR:
        raise ValueError(f"{value} is not within 0 and {_MOST_USD_PER_HOUR} USD an hour")
    return int(usd * 1_000_000)


PricedType = Annotated[str, AfterValidator(_known_type)]
MicroUsdPerHour = Annotated[
    int,
    BeforeValidator(_micro_usd),
    WithJsonSchema({"type": ["number", "string"], "minimum": 0, "examples": [0.768]}),
]


class Price(Written):
    """USD an hour of one instance type; None keeps the table's price."""

    on_demand: MicroUsdPerHour | None = None
    """On-demand price."""
    spot: MicroUsdPerHour | None = None
    """Spot price."""


def price_overrides(written: Mapping[str, Price]) -> tuple[PriceOverride, ...]:
    """Return every price that a scenario sets, by type and market."""
    found: list[PriceOverride] = []
    for name, price in written.items():
        if price.on_demand is not None:
            found.append(PriceOverride(name, "on-demand", price.on_demand))
        if price.spot is not None:
            found.append(PriceOverride(name, "spot", price.spot))
    return tuple(found)
