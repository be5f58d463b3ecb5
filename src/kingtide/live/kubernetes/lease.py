"""Who leads: one process at a time, by a Lease in the cluster.

As client-go elects (https://github.com/kubernetes/client-go/blob/v0.36.0/tools/leaderelection/leaderelection.go):
the holder renews every 2 s; another takes over when it has seen no renewal for 15 s, counted by its
own clock from when it saw the last one, so clocks need not agree; a holder that could not renew for
10 s leads no more. A Lease does not fence: `age_seconds` is looked at before each write.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import msgspec

from kingtide.kube.wire.times import micro_time_text
from kingtide.live.identity import process_identity
from kingtide.live.kubernetes.failures import ApiRefused
from kingtide.live.kubernetes.performing.answers import FAILURES, answer_of
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.write_rate import WriteRate

LEASE_DURATION_SECONDS = 15
RENEW_DEADLINE_SECONDS = 10
RETRY_SECONDS = 2
"""client-go's defaults. The five seconds between deadline and duration are what a write that was
begun in time may take (CALL_SECONDS), whatever the clocks say."""
RETRY_JITTER = 1.2
"""Candidates wait up to so many times more, by chance, as in client-go."""


class LeaseSpec(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True):
    """What a Lease says; a holder that is empty has given it back."""

    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None
    lease_transitions: int | None = None


class _Metadata(msgspec.Struct, rename="camel", frozen=True):
    uid: str = ""
    resource_version: str = ""


class _Lease(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    spec: LeaseSpec = LeaseSpec()


def new_identity() -> str:
    """Return this process's name, by which audit logs tell its writes from other leaders'."""
    return process_identity()


class LeaderLease:
    """A Lease that this process holds, or waits for. `run` keeps at it; nobody else need."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        namespace: str,
        name: str,
        identity: str,
        clock: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: random.Random | None = None,
    ) -> None:
        self.identity = identity
        self.terms = 0
        """How often this process began to lead: with each it knows nothing of before."""
        self.led_since = 0.0
        """When the last term began, by `clock`: before the call was sent that began it."""
        self.failures = 0
        self.last_failure = ""
        self._all = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        self._name = name
        self._api = Api(client, WriteRate(), call_seconds=(RENEW_DEADLINE_SECONDS / 2))
        self._clock = clock
        self._now_ms = now_ms
        self._sleep = sleep
        self._chance = chance or random.Random()
        self._seen = _Lease()
        self._seen_at = 0.0
        self._renewed_at: float | None = None
        self._begins = asyncio.Event()
        self.on_renewal: Callable[[], object] = lambda: None
        """Called after each renewal, and when a term begins."""

    @property
    def holder(self) -> str:
        """Who holds the Lease, as far as was seen; empty for nobody."""
        return self._seen.spec.holder_identity or ""

    @property
    def is_leader(self) -> bool:
        """Whether this process may decide and write: no other can lead yet."""
        return self.age_seconds() < RENEW_DEADLINE_SECONDS

    def age_seconds(self) -> float:
        """Return how long ago the renewal was sent that stands, infinite without one."""
        return float("inf") if self._renewed_at is None else self._clock() - self._renewed_at

    def seconds_left(self) -> float:
        """Return how long nobody else may lead; negative once somebody may."""
        return LEASE_DURATION_SECONDS - self.age_seconds()

    async def begins(self) -> None:
        """Wait until this process leads."""
        while not self.is_leader:
            self._begins.clear()
            await self._begins.wait()

    async def run(self) -> None:
        """Try for the Lease, or renew it, until cancelled."""
        while True:
            await self.try_once()
            longer = 1.0 if self.is_leader else self._chance.uniform(1.0, 1 + RETRY_JITTER)
            await self._sleep(RETRY_SECONDS * longer)

    async def try_once(self) -> None:
        """Renew the Lease, or take it if it is to be had; errors are counted."""
        led, sent_at = self.is_leader, self._clock()
        if not led:
            self._renewed_at = None
        try:
            is_ours = await (self._renew() if led else self._take())
        except FAILURES as error:
            self.failures += 1
            self.last_failure = answer_of(error).message
            return
        if not is_ours:
            self._renewed_at = None
        else:
            self._renewed_at = sent_at
            self.on_renewal()
            if not led:
                self.terms += 1
                self.led_since = sent_at
                self._begins.set()

    async def release(self) -> None:
        """Give the Lease back, so that the next leader need not wait; for who writes no more."""
        led, self._renewed_at = self.is_leader, None
        if not led:
            return
        try:
            await self._write({"holderIdentity": "", "leaseDurationSeconds": 1})
        except FAILURES as error:
            self.failures += 1
            self.last_failure = answer_of(error).message

    async def _renew(self) -> bool:
        """Return whether it still is ours; a Lease that somebody wrote is read again."""
        try:
            await self._write({})
        except ApiRefused as error:
            if error.code not in (404, 409):
                raise
            return await self._take()
        return True

    async def _take(self) -> bool:
        """Return whether it is ours now."""
        try:
            body = await self._api.read(f"{self._all}/{self._name}")
        except ApiRefused as error:
            if error.code != 404:
                raise
            return await self._create()
        self._note(body)
        if self.holder not in ("", self.identity) and self._clock() < self._ends_at():
            return False
        before = self._seen.spec.lease_transitions or 0
        taken = self.holder != self.identity
        spec = {"acquireTime": micro_time_text(self._now_ms()), "leaseTransitions": before + 1}
        try:
            await self._write(spec if taken else {})
        except ApiRefused as error:
            if error.code not in (404, 409):
                raise
            return False  # another was faster
        return True

    def _ends_at(self) -> float:
        seconds = self._seen.spec.lease_duration_seconds or LEASE_DURATION_SECONDS
        return self._seen_at + seconds

    def _spec(self) -> dict[str, Any]:
        return {
            "holderIdentity": self.identity,
            "leaseDurationSeconds": LEASE_DURATION_SECONDS,
            "renewTime": micro_time_text(self._now_ms()),
        }

    async def _create(self) -> bool:
        spec = self._spec()
        body = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": self._name},
            "spec": spec | {"acquireTime": spec["renewTime"], "leaseTransitions": 0},
        }
        try:
            self._note(await self._api.write("POST", self._all, body))
        except ApiRefused as error:
            if error.code != 409:
                raise
            return False
        return True

    async def _write(self, changes: dict[str, Any]) -> None:
        """Patch the Lease as it was last seen; the resourceVersion makes that a compare-and-set."""
        seen = self._seen.metadata
        metadata = {"uid": seen.uid, "resourceVersion": seen.resource_version}
        body = {"metadata": metadata, "spec": self._spec() | changes}
        path = f"{self._all}/{self._name}"
        self._note(await self._api.write("PATCH", path, body, "application/merge-patch+json"))

    def _note(self, body: bytes) -> None:
        """Take in a Lease; what counts is when what it says changed for us."""
        found = msgspec.json.decode(body, type=_Lease)
        if found.spec != self._seen.spec:
            self._seen_at = self._clock()
        self._seen = found
