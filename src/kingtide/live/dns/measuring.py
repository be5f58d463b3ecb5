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
    """What dnsmasq counted since it started: what it answered over UDP.

    Over TCP a process of its own answers, and what that counts ends with it (2.90, tried).
    """

    hits: int
    misses: int


class Lookups(msgspec.Struct, frozen=True):
    """Lookups with one ndots: how many, how they ended, their queries and times.

    `lookups` are those made of the `wanted` before the time was over. `failed` had no answer, or
    one that is neither yes nor no; `absent` were told that there is no such name. Times are of
    whole lookups, those that failed among them, without the wait for the rate; None where none was
    made.
    """

    ndots: int
    wanted: int
    lookups: int
    failed: int
    absent: int
    queries: int
    p50_microseconds: int | None
    p99_microseconds: int | None


class Measured(msgspec.Struct, frozen=True):
    """Lookups by ndots, and what the cache counted meanwhile; None where it does not tell."""

    by_ndots: tuple[Lookups, ...]
    counted: Counters | None

    @property
    def is_whole(self) -> bool:
        """Whether every lookup was made, and had an answer."""
        return not any(it.failed or it.lookups < it.wanted for it in self.by_ndots)


class WithoutUpstream(msgspec.Struct, frozen=True):
    """What a cache answers while whom it asks is dead.

    `names` were asked for of those `wanted`, before the time was over. `stale` of the `answered`
    ones had a time to live of 0: their time was over. `fresh_answered` counts names that were never
    asked for, which only an upstream can answer.
    """

    wanted: int
    names: int
    answered: int
    stale: int
    fresh: int
    fresh_answered: int
    slowest_microseconds: int

    @property
    def is_whole(self) -> bool:
        """Whether every name that was asked for before is still answered."""
        return self.answered == self.wanted


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
    client: DnsClient,
    names: Sequence[str],
    search: tuple[str, ...],
    lookups: int,
    seconds: float,
) -> Measured:
    """Return how so many lookups of some names went, with ndots 5 and then 1.

    No lookup of the first begins after half of the `seconds`, none of the second after all.
    """
    began = time.monotonic()
    before = None if client.over_tcp else counters(client)
    by_ndots = tuple(
        _lookups(client, names, search, lookups, ndots, began + seconds * part)
        for ndots, part in ((5, 0.5), (1, 1.0))
    )
    after = None if before is None else counters(client)
    counted = None
    if before is not None and after is not None:
        hits = after.hits - before.hits - _OWN_HITS
        counted = Counters(max(hits, 0), after.misses - before.misses)
    return Measured(by_ndots, counted)


def measure_without_upstream(
    client: DnsClient, names: Sequence[str], seconds: float
) -> WithoutUpstream:
    """Return which names a cache still answers, each asked once, and each once made anew.

    None is begun with after so many seconds.
    """
    ends = time.monotonic() + seconds
    asked = answered = stale = fresh_answered = slowest = 0
    for name in names:
        if time.monotonic() > ends:
            break
        asked += 1
        plain = name.rstrip(".")
        before = client.spent_microseconds
        try:
            answer = client.ask(Question(plain))
        except Unanswered:
            pass
        else:
            if answer.code == NO_ERROR and answer.records:
                answered += 1
                stale += answer.least_ttl_seconds == 0
        slowest = max(slowest, client.spent_microseconds - before)
        try:
            new = client.ask(Question(f"kingtide-{secrets.token_hex(6)}.{plain}"))
        except Unanswered:
            continue
        fresh_answered += new.code in (NO_ERROR, NO_SUCH_NAME)
    return WithoutUpstream(len(names), asked, answered, stale, asked, fresh_answered, slowest)


def percentile(values: Sequence[int], percent: int) -> int:
    """Return the value that so many percent of the others do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100) - 1, 0)]


def _lookups(
    client: DnsClient,
    names: Sequence[str],
    search: tuple[str, ...],
    wanted: int,
    ndots: int,
    ends: float,
) -> Lookups:
    asked_before = client.queries
    times: list[int] = []
    failed = absent = 0
    while len(times) < wanted and time.monotonic() < ends:
        tried = names_tried(names[len(times) % len(names)], ndots, search)
        before = client.spent_microseconds
        is_there = _lookup(client, tried)
        times.append(client.spent_microseconds - before)
        failed += is_there is None
        absent += is_there is False
    return Lookups(
        ndots=ndots,
        wanted=wanted,
        lookups=len(times),
        failed=failed,
        absent=absent,
        queries=client.queries - asked_before,
        p50_microseconds=percentile(times, 50) if times else None,
        p99_microseconds=percentile(times, 99) if times else None,
    )


def _lookup(client: DnsClient, tried: tuple[str, ...]) -> bool | None:
    """Return whether the name is there, None for no answer."""
    for name in tried:
        is_there = False
        for question in (Question(name, "A"), Question(name, "AAAA")):
            try:
                answer = client.ask(question)
            except Unanswered:
                return None
            if answer.code not in (NO_ERROR, NO_SUCH_NAME):
                return None
            is_there = is_there or bool(answer.records)
        if is_there:
            return True
    return False
