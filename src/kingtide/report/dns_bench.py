"""What a measurement of a cache of names came to, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.live.dns.measuring import Counters, Measured, WithoutUpstream

_TCP_IS_NOT_COUNTED = "No hit rate: dnsmasq counts nothing that it answers over TCP."
_COLUMNS = ("ndots", "lookups", "failed", "no such name", "queries a lookup", "p50 ms", "p99 ms")


def measured_lines(address: str, measured: Measured, *, over_tcp: bool) -> Iterator[str]:
    """Yield a table of lookups by ndots, and what the cache counted."""
    rows = [_COLUMNS]
    rows += [
        (
            str(it.ndots),
            f"{it.lookups:,}" if it.lookups == it.wanted else f"{it.lookups:,} of {it.wanted:,}",
            f"{it.failed:,}",
            f"{it.absent:,}",
            f"{it.queries / it.lookups:.1f}" if it.lookups else "-",
            _milliseconds(it.p50_microseconds),
            _milliseconds(it.p99_microseconds),
        )
        for it in measured.by_ndots
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    yield f"Lookups at {address}{', over TCP' if over_tcp else ''}"
    for row in rows:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    yield _TCP_IS_NOT_COUNTED if over_tcp else _counted(measured.counted)


def without_upstream_lines(address: str, found: WithoutUpstream) -> Iterator[str]:
    """Yield what a cache answers while its upstream is dead."""
    asked = f"{found.names}"
    if found.names < found.wanted:
        asked = f"{found.names} ({found.wanted - found.names} more were not asked for in time)"
    slowest = f"{found.slowest_microseconds / 1000:.2f} ms"
    yield f"{address} without its upstream"
    yield (
        f"{found.answered} of {asked} names answered, {found.stale} of them after their"
        f" time; the slowest took {slowest}"
    )
    yield f"{found.fresh_answered} of {found.fresh} names that nobody asked for before answered"


def _counted(counted: Counters | None) -> str:
    if counted is None:
        return "The cache tells no counters: it is no dnsmasq."
    asked = counted.hits + counted.misses
    share = f"{100 * counted.hits / asked:.1f} %" if asked else "-"
    return f"Hit rate {share}: {counted.hits:,} from the cache, {counted.misses:,} asked upstream."


def _milliseconds(microseconds: int | None) -> str:
    return "-" if microseconds is None else f"{microseconds / 1000:.2f}"
