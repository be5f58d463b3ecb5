"""Requests counted exactly: rates times shares, added up in whole numbers."""

from __future__ import annotations

from typing import NamedTuple

from kingtide.twin.ingress.chances import NOBODY, WHOLE, Chances

MICRO = 1_000_000


class Counts(NamedTuple):
    """Requests in millionths since the world began.

    `failed` got an error: those that met no rule (404), those for which there was no server (503),
    those whose tries all met a dead one (503), and those that were under way at a server whose
    machine went (504). `retries` are tries after the first, `redispatches` those of them that went
    to another server.
    """

    requests: int
    no_rule: int
    no_server: int
    refused: int
    cut: int
    retries: int
    redispatches: int

    @property
    def failed(self) -> int:
        """All that got an error."""
        return self.no_rule + self.no_server + self.refused + self.cut


class Account:
    """One application's requests. Demand is in millicores; a request takes `cpu_ms` of CPU time."""

    def __init__(self, cpu_ms: int, start_ms: int) -> None:
        self._cpu_ms = cpu_ms
        self._until_ms = start_ms
        self._millicores = 0
        self._chances = NOBODY
        self._has_rule = False
        # Millicore-milliseconds, of which shares are so many of WHOLE: sums without a rest.
        self._demand = self._no_rule = self._no_server = self._refused = 0
        self._cut = self._retries = self._redispatches = 0

    @property
    def millicores(self) -> int:
        """The demand of now."""
        return self._millicores

    def demand(self, now_ms: int, millicores: int) -> None:
        """Take over what is demanded from now on."""
        self._accrue(now_ms)
        self._millicores = millicores

    def meet(self, now_ms: int, met: Chances, *, has_rule: bool) -> None:
        """Take over what becomes of requests from now on."""
        self._accrue(now_ms)
        self._chances = met
        self._has_rule = has_rule

    def cut(self, takes_ms: int, servers: int) -> None:
        """Count what was under way at one of so many servers that each had their share."""
        self._cut += WHOLE * self._millicores * takes_ms // servers

    def counts(self, now_ms: int) -> Counts:
        """Return the counts up to now."""
        self._accrue(now_ms)
        # A request is cpu_ms core-milliseconds, which are 1,000 millicore-milliseconds.
        one = 1_000 * self._cpu_ms * WHOLE
        raw = (
            self._demand, self._no_rule, self._no_server, self._refused, self._cut,
            self._retries, self._redispatches,
        )  # fmt: skip
        return Counts(*(MICRO * it // one for it in raw))

    def _accrue(self, now_ms: int) -> None:
        part = self._millicores * (now_ms - self._until_ms)
        self._until_ms = now_ms
        self._demand += part * WHOLE
        if not self._has_rule:
            self._no_rule += part * WHOLE
        elif self._chances is NOBODY:
            self._no_server += part * WHOLE
        else:
            self._refused += part * self._chances.failed
            self._retries += part * self._chances.retries
            self._redispatches += part * self._chances.redispatches
