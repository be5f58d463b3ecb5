"""How plans name things: money, time, numbers of instances, what happens to a group."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.compile.plan.model import ClusterChange, Effect, GroupChange, Nodes, Spans
from kingtide.compile.plan.pace import Span
from kingtide.compile.plan.prices import Price

EFFECTS: Mapping[Effect, str] = {
    "created": "new",
    "deleted": "drained and deleted",
    "rolls": "rolls",
    "launches": "for new instances only",
    "resized": "other bounds",
    "settings": "settings of kops",
}
"""What happens to a group, in a word."""

CHANGES: Mapping[ClusterChange, str] = {
    "new": "is made",
    "changed": "changes",
    "unchanged": "stays as it is",
    "left": "left the fleet's files",
}
"""What happens to a cluster."""

SHOWN_CHARACTERS = 100
"""Of a value: enough to know it; JSON has all of it."""


def money(price: Price) -> str:
    """Return a price of an hour, as `$12.34`."""
    return dollars(price.total_micro_usd_per_hour)


def dollars(micro_usd: int) -> str:
    """Return money with its cents."""
    cents = (abs(micro_usd) + 5_000) // 10_000
    sign = "-" if micro_usd < 0 and cents else ""
    return f"{sign}${cents // 100:,}.{cents % 100:02}"


def change_of(before: Price, after: Price) -> str:
    """Return two prices and what lies between them, as `$10.00 → $12.00 (+20 %)`."""
    old, new = before.total_micro_usd_per_hour, after.total_micro_usd_per_hour
    if old == new:
        return dollars(old)
    share = f" ({(new - old) * 100 / old:+.0f} %)" if old else ""
    return f"{dollars(old)} → {dollars(new)}{share}"


def duration(seconds: int) -> str:
    """Return a time to the minute, as `1h05m`; less than two minutes in seconds."""
    if seconds < 120:
        return f"{seconds}s"
    minutes = (seconds + 30) // 60
    return f"{minutes // 60}h{minutes % 60:02}m" if minutes >= 60 else f"{minutes}m"


def span(found: Span) -> str:
    """Return from the shortest to the longest."""
    if found.low_seconds == found.high_seconds:
        return duration(found.low_seconds)
    return f"{duration(found.low_seconds)} to {duration(found.high_seconds)}"


def counts(nodes: Nodes) -> str:
    """Return instances at minimum, on an ordinary evening and at most, as `2 / 40 / 100`."""
    return f"{nodes.minimum} / {nodes.typical} / {nodes.maximum}"


def spans(found: Spans) -> str:
    """Return the time on an ordinary evening, and with every group at its maximum."""
    return f"{span(found.typical)}; at most instances {span(found.maximum)}"


def strategy(group: GroupChange) -> str:
    """Return how many instances go at a time."""
    if group.surge and group.unavailable:
        return f"{group.surge} more, {group.unavailable} fewer at a time"
    if group.surge:
        return f"{group.surge} more at a time"
    return f"{group.unavailable} fewer at a time"


def value(text: str | None) -> str:
    """Return a field's value, shortened."""
    if text is None:
        return "nothing"
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"


def several(number: int, what: str) -> str:
    """Return a number of things, as `1 group` or `2 groups`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
