"""The few figures at the top: how bad it was, how big it got, what it cost."""

from __future__ import annotations

import msgspec

from kingtide.rehearsal.record import RunRecord
from kingtide.report.figures import value_text
from kingtide.report.names import leading_application, priority_classes

_CPU, _READY = "CPU reserved, not used", "New pod to ready"


class Tile(msgspec.Struct, frozen=True):
    """One figure in large type, with a line that puts it in place."""

    title: str
    value: str
    note: str = ""


TILES_MAX = 6
"""What one look takes in, and a row of the page; what clients see goes before what it was made of.
"""


def tiles(record: RunRecord) -> tuple[Tile, ...]:
    """Return the figures that this record has, at most six."""
    found = (
        _unavailable(record),
        _requests(record),
        _lookups(record),
        _ready(record),
        _unserved(record),
        _nodes(record),
        _cpu(record),
        _cost(record),
    )
    shown = [tile for tile in found if tile is not None]
    for least in (_CPU, _READY):
        if len(shown) > TILES_MAX:
            shown = [tile for tile in shown if tile.title != least]
    return tuple(shown)


def _text(record: RunRecord, key: str) -> str | None:
    figure = record.figures.get(key)
    if figure is None or figure.value is None:
        return None
    return value_text(figure.value, figure.unit)


def _value(record: RunRecord, key: str) -> float:
    figure = record.figures.get(key)
    return (figure.value or 0.0) if figure else 0.0


def _unavailable(record: RunRecord) -> Tile | None:
    names = [n for n in priority_classes(record) if f"unavailable.{n}.max_pods" in record.figures]
    if not names:
        return None
    hit = [name for name in names if _value(record, f"unavailable.{name}.max_pods") > 0]
    if not hit:
        return Tile("Pods unavailable", "none", "in any priority class")
    longest = _text(record, f"unavailable.{hit[0]}.max_seconds")
    note = f"{hit[0]} priority" + (f", longest {longest}" if longest else "")
    return Tile(
        "Most pods unavailable", _text(record, f"unavailable.{hit[0]}.max_pods") or "", note
    )


def _ready(record: RunRecord) -> Tile | None:
    name = leading_application(record)
    middle = _text(record, f"ready.{name}.p50_seconds")
    if middle is None:
        return None
    slowest = _text(record, f"ready.{name}.max_seconds")
    note = f"median of {name}" + (f", slowest {slowest}" if slowest else "")
    return Tile(_READY, middle, note)


def _requests(record: RunRecord) -> Tile | None:
    failed = _text(record, "requests.failed")
    if failed is None:
        return None
    every, again = _text(record, "requests.total"), _text(record, "requests.retries")
    return Tile("Requests failed", failed, f"of {every}, {again} tried again")


def _lookups(record: RunRecord) -> Tile | None:
    share = _text(record, "dns.failed.max_percent")
    if share is None:
        return None
    if not _value(record, "dns.failed.max_percent"):
        return Tile("Lookups failed", "none", "of names, at any moment")
    return Tile("Lookups fail for", _text(record, "dns.failing.seconds") or "", f"at worst {share}")


def _unserved(record: RunRecord) -> Tile | None:
    keys = [k for k in record.figures if k.startswith("unserved.") and k.endswith(".core_seconds")]
    if not keys:
        return None
    total = sum(_value(record, key) for key in keys)
    worst = max(keys, key=lambda key: _value(record, key))
    name = worst.removeprefix("unserved.").removesuffix(".core_seconds")
    note = f"most of it in {name}" if total > 0 and len(keys) > 1 else "of all applications"
    return Tile("Demand not served", value_text(total, "core_seconds"), note)


def _nodes(record: RunRecord) -> Tile | None:
    spot, on_demand = record.series.get("nodes.spot"), record.series.get("nodes.on_demand")
    if spot is None or on_demand is None or not spot.values:
        return None
    totals = [a + b for a, b in zip(spot.values, on_demand.values, strict=True)]
    peak = max(totals)
    at = totals.index(peak)
    note = f"{spot.values[at]:,.0f} spot, {on_demand.values[at]:,.0f} on-demand"
    return Tile("Nodes at the peak", f"{peak:,.0f}", note)


def _cpu(record: RunRecord) -> Tile | None:
    mean = _text(record, "cpu.reserved_not_used.mean_percent")
    if mean is None:
        return None
    peak = _text(record, "cpu.reserved_not_used.max_percent")
    return Tile(_CPU, mean, "on average" + (f", at most {peak}" if peak else ""))


def _cost(record: RunRecord) -> Tile | None:
    total = _text(record, "cost.total_usd")
    if total is None:
        return None
    spot = _text(record, "cost.spot_usd")
    return Tile("Instances cost", total, f"{spot} of it spot" if spot else "")
