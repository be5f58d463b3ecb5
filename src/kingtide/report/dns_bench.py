"""What a measurement of a cache of names came to, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.live.dns.measuring import Counters, Measured, WithoutUpstream

_COLUMNS = ("ndots", "lookups", "failed", "no such name", "queries a lookup", "p50 ms", "p99 ms")


def measured_lines(address: str, measured: Measured) -> Iterator[str]:
    """Yield a table of lookups by ndots, and what the cache counted."""
    rows = [_COLUMNS]
    rows += [
        (
            str(it.ndots),
            f"{it.lookups:,}",
            f"{it.failed:,}",
            f"{it.absent:,}",
            f"{it.queries / it.lookups:.1f}",
            f"{it.p50_microseconds / 1000:.2f}",
            f"{it.p99_microseconds / 1000:.2f}",
        )
        for it in measured.by_ndots
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    yield f"Lookups at {address}"
    for row in rows:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    yield _counted(measured.counted)


def without_upstream_lines(address: str, found: WithoutUpstream) -> Iterator[str]:
    """Yield what a cache answers while its upstream is dead."""
    slowest = f"{found.slowest_microseconds / 1000:.2f} ms"
    yield f"{address} without its upstream"
    yield (
        f"{found.answered} of {found.names} names answered, {found.stale} of them after their"
        f" time; the slowest took {slowest}"
    )
    yield f"{found.fresh_answered} of {found.fresh} names that nobody asked for before answered"


def _counted(counted: Counters | None) -> str:
    if counted is None:
        return "The cache tells no counters: it is no dnsmasq."
    asked = counted.hits + counted.misses
    share = f"{100 * counted.hits / asked:.1f} %" if asked else "-"
    return f"Hit rate {share}: {counted.hits:,} from the cache, {counted.misses:,} asked upstream."
