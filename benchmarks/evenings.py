"""How far an evening that a process of its own brings is from the one that is rehearsed.

Minute by minute: nodes by lifecycle and ready pods by priority, each the mean of the minute's
steps. A difference is told relative to the rehearsal's value, or to TEN where that is smaller: a
tenth of seven nodes is less than a node, and there is no smaller difference than one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

import msgspec

from kingtide.rehearsal.series_table import decode_series

BOUND = 0.10
"""The most that nodes and ready pods of a minute may differ, at the 95th percentile."""
BOUND_ON_DEMAND_SECONDS = 30.0
"""The most that the first on-demand request may come earlier or later."""
TEN = 10.0
MINUTE_MS = 60_000
NODES = ("nodes.spot", "nodes.on_demand")
ALL_NODES, READY_PODS = "nodes", "pods.ready"
JUDGED = (ALL_NODES, READY_PODS)
"""What the bound is for. Parts are told, not judged. Among groups of one priority the expander
draws lots, anew at each moment: seven large on-demand nodes or fourteen of half their size are the
same room. Twenty pause pods that come up ten seconds later are a fifth of that minute's."""


class Difference(msgspec.Struct, frozen=True):
    """How far a series is off, over the minutes: 0.1 is a tenth. `worst_minute` counts from 0."""

    name: str
    p50: float
    p95: float
    most: float
    worst_minute: int
    rehearsed: float
    served: float
    """The two values at the worst minute."""


class Evening(msgspec.Struct, frozen=True):
    """What is compared of one run; `first_on_demand_ms` None: no on-demand node was asked for."""

    minutes: Mapping[str, Sequence[float]]
    first_on_demand_ms: int | None


def minutes_of(series_csv: bytes) -> Mapping[str, Sequence[float]]:
    """Return what is compared, a mean a minute; the last instant alone makes no minute.

    Raises:
        ValueError: it is no series.csv, or an empty one.
    """
    times, series = decode_series(series_csv)
    wanted = {name: series[name] for name in NODES}
    wanted[ALL_NODES] = _added(wanted.values())
    ready = {
        f"pods.ready.{name.split('.')[1]}": values
        for name, values in series.items()
        if name.startswith("pods.") and name.endswith(".available")
    }
    wanted[READY_PODS] = _added(ready.values())
    wanted |= ready
    minutes = [(at - times[0]) // MINUTE_MS for at in times]
    whole = range(max(1, minutes[-1]))
    return {
        name: [fmean(v for m, v in zip(minutes, values, strict=True) if m == at) for at in whole]
        for name, values in wanted.items()
    }


def differences(rehearsed: Evening, served: Evening) -> tuple[Difference, ...]:
    """Return how far each series is off over the minutes that both have.

    Raises:
        ValueError: they have no minute, or not the same series.
    """
    if rehearsed.minutes.keys() != served.minutes.keys():
        raise ValueError("the two runs are not of one scenario")
    return tuple(
        _difference(name, values, served.minutes[name])
        for name, values in rehearsed.minutes.items()
    )


def on_demand_seconds(rehearsed: Evening, served: Evening) -> float | None:
    """Return how much later the served evening asked for on-demand nodes first, in seconds.

    None where neither did, infinite where one did.
    """
    at, other = rehearsed.first_on_demand_ms, served.first_on_demand_ms
    if at is None and other is None:
        return None
    return float("inf") if at is None or other is None else (other - at) / 1000


def missed(found: Sequence[Difference], later_seconds: float | None) -> tuple[str, ...]:
    """Return what is beyond its bound, one sentence each."""
    wrong = [
        f"{it.name}: {it.p95:.1%} at p95, more than {BOUND:.0%}"
        for it in found
        if it.name in JUDGED and it.p95 > BOUND
    ]
    if later_seconds is not None and abs(later_seconds) > BOUND_ON_DEMAND_SECONDS:
        wrong.append(f"the first on-demand request is {later_seconds:+.0f} s off")
    return tuple(wrong)


def _difference(name: str, rehearsed: Sequence[float], served: Sequence[float]) -> Difference:
    pairs = list(zip(rehearsed, served, strict=False))
    if not pairs:
        raise ValueError("there is no whole minute")
    off = [abs(there - here) / max(here, TEN) for here, there in pairs]
    worst = max(range(len(off)), key=lambda place: off[place])
    ordered = sorted(off)
    return Difference(
        name, _at(ordered, 0.50), _at(ordered, 0.95), ordered[-1], worst, *pairs[worst]
    )


def _at(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that so many are not above: no value between two minutes."""
    place = -(-len(ordered) * share // 1)
    return ordered[max(0, int(place) - 1)]


def _added(series: Iterable[Sequence[float]]) -> list[float]:
    return [sum(values) for values in zip(*series, strict=True)]


def read_evening(report: Path, first_on_demand_ms: int | None) -> Evening:
    """Return the evening of a report's folder."""
    return Evening(minutes_of((report / "series.csv").read_bytes()), first_on_demand_ms)
