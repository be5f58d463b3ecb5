"""Measures a cache: lookups as pods make them, with each ndots, and what the cache counted.

A lookup asks for every name that a resolver would try, A and AAAA, until one is there.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence

import msgspec

from kingtide.kube.name_lookups import names_tried
from kingtide.live.dns.client import DnsClient, Unanswered
from kingtide.live.dns.message import NO_ERROR, NO_SUCH_NAME, Question

_OWN_HITS = 2
"""dnsmasq answers CHAOS itself and counts it among hits (2.90): the second question of the first
reading of counters, and the first of the second."""


class Counters(msgspec.Struct, frozen=True):
    """What dnsmasq counted since it started."""

    hits: int
    misses: int


class Lookups(msgspec.Struct, frozen=True):
    """Lookups with one ndots: how many, how they ended, their queries and times.

    `failed` had no answer, or one that is neither yes nor no; `absent` were told that there is no
    such name. Times are of whole lookups, those that failed among them.
    """

    ndots: int
    lookups: int
    failed: int
    absent: int
    queries: int
    p50_microseconds: int
    p99_microseconds: int


class Measured(msgspec.Struct, frozen=True):
    """Lookups by ndots, and what the cache counted meanwhile; None where it does not tell."""

    by_ndots: tuple[Lookups, ...]
    counted: Counters | None

    @property
    def is_whole(self) -> bool:
        """Whether every lookup had an answer."""
        return not any(it.failed for it in self.by_ndots)


class WithoutUpstream(msgspec.Struct, frozen=True):
    """What a cache answers while whom it asks is dead.

    `stale` of the `answered` names had a time to live of 0: their time was over. `fresh_answered`
    counts names that were never asked for, which only an upstream can answer.
    """

    names: int
    answered: int
    stale: int
    fresh: int
    fresh_answered: int
    slowest_microseconds: int

    @property
    def is_whole(self) -> bool:
        """Whether every name that was asked for before is still answered."""
        return self.answered == self.names


def counters(client: DnsClient) -> Counters | None:
    """Return what a dnsmasq counts, None of another server."""
    found: list[int] = []
    for name in ("hits.bind", "misses.bind"):
        try:
            answer = client.ask(Question(name, "TXT", is_chaos=True))
        except Unanswered:
            return None
        if len(answer.texts) != 1 or not answer.texts[0].isdecimal():
            return None
        found.append(int(answer.texts[0]))
    return Counters(*found)


def measure(
    client: DnsClient, names: Sequence[str], search: tuple[str, ...], lookups: int
) -> Measured:
    """Return how so many lookups of some names went, with ndots 5 and then 1."""
    before = counters(client)
    by_ndots = tuple(_lookups(client, names, search, lookups, ndots) for ndots in (5, 1))
    after = counters(client)
    counted = None
    if before is not None and after is not None:
        hits = after.hits - before.hits - _OWN_HITS
        counted = Counters(max(hits, 0), after.misses - before.misses)
    return Measured(by_ndots, counted)


def measure_without_upstream(client: DnsClient, names: Sequence[str]) -> WithoutUpstream:
    """Return which names a cache still answers, each asked once, and each once made anew."""
    answered = stale = fresh_answered = slowest = 0
    for name in names:
        plain = name.rstrip(".")
        started = time.perf_counter_ns()
        try:
            answer = client.ask(Question(plain))
        except Unanswered:
            pass
        else:
            if answer.code == NO_ERROR and answer.records:
                answered += 1
                stale += answer.least_ttl_seconds == 0
        slowest = max(slowest, (time.perf_counter_ns() - started) // 1000)
        try:
            new = client.ask(Question(f"kingtide-{secrets.token_hex(6)}.{plain}"))
        except Unanswered:
            continue
        fresh_answered += new.code in (NO_ERROR, NO_SUCH_NAME)
    return WithoutUpstream(len(names), answered, stale, len(names), fresh_answered, slowest)


def percentile(values: Sequence[int], percent: int) -> int:
    """Return the value that so many percent of the others do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100) - 1, 0)]


def _lookups(
    client: DnsClient, names: Sequence[str], search: tuple[str, ...], lookups: int, ndots: int
) -> Lookups:
    asked_before = client.queries
    times: list[int] = []
    failed = absent = 0
    for number in range(lookups):
        tried = names_tried(names[number % len(names)], ndots, search)
        spent, is_there = _lookup(client, tried)
        times.append(spent)
        failed += is_there is None
        absent += is_there is False
    return Lookups(
        ndots=ndots,
        lookups=lookups,
        failed=failed,
        absent=absent,
        queries=client.queries - asked_before,
        p50_microseconds=percentile(times, 50),
        p99_microseconds=percentile(times, 99),
    )


def _lookup(client: DnsClient, tried: tuple[str, ...]) -> tuple[int, bool | None]:
    """Return how long answers took, and whether the name is there; None for no answer."""
    spent = 0
    for name in tried:
        is_there = False
        for record_type in ("A", "AAAA"):
            started = time.perf_counter_ns()
            try:
                answer = client.ask(Question(name, "A" if record_type == "A" else "AAAA"))
            except Unanswered:
                return spent + (time.perf_counter_ns() - started) // 1000, None
            spent += (time.perf_counter_ns() - started) // 1000
            if answer.code not in (NO_ERROR, NO_SUCH_NAME):
                return spent, None
            is_there = is_there or bool(answer.records)
        if is_there:
            return spent, True
    return spent, False
