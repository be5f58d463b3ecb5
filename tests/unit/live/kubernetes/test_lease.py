"""Elections among processes that share one Lease, each with a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import msgspec
import pytest

from kingtide.live.kubernetes.lease import (
    LEASE_DURATION_SECONDS,
    RENEW_DEADLINE_SECONDS,
    LeaderLease,
)

PATH = "/apis/coordination.k8s.io/v1/namespaces/kingtide/leases"


class OneLease(httpx2.AsyncBaseTransport):
    """A server that has room for one Lease and compares versions before it writes."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 0
        self.asked: list[str] = []
        self.is_down = False
        self.now = 100.0
        self.answers_after_seconds = 0

    def clock(self) -> float:
        return self.now

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.method)
        self.now += self.answers_after_seconds
        if self.is_down:
            raise httpx2.ConnectError("down")
        content = await request.aread()
        body = msgspec.json.decode(content) if content else {}
        code = self._take(request.method, request.url.path, body)
        if code >= 300:
            return httpx2.Response(code, json={"kind": "Status", "code": code})
        return httpx2.Response(code, json=self.lease)

    def _take(self, method: str, path: str, body: dict[str, Any]) -> int:
        assert path == (PATH if method == "POST" else f"{PATH}/leader")
        if method == "POST":
            if self.lease is not None:
                return 409
            self.lease = {"metadata": {"uid": "u"}, "spec": body["spec"]}
        elif self.lease is None:
            return 404
        elif method == "GET":
            return 200
        elif body["metadata"] != self.lease["metadata"]:
            return 409
        else:
            self.lease["spec"] |= body["spec"]
        self.version += 1
        self.lease["metadata"] = {"uid": "u", "resourceVersion": str(self.version)}
        return 200

    @property
    def spec(self) -> dict[str, Any]:
        assert self.lease is not None
        return dict(self.lease["spec"])


def electing(play: Callable[[OneLease, LeaderLease, LeaderLease], Awaitable[None]]) -> None:
    """Play a scene with a server and two candidates, a and b."""

    async def run() -> None:
        server = OneLease()
        async with httpx2.AsyncClient(transport=server, base_url="http://api") as client:
            a, b = (
                LeaderLease(
                    client, "kingtide", "leader", name, server.clock,
                    lambda: int(server.now * 1000),
                )
                for name in ("a", "b")
            )  # fmt: skip
            await play(server, a, b)

    asyncio.run(run())


def test_the_first_takes_it_and_the_second_waits() -> None:
    async def play(server: OneLease, a: LeaderLease, b: LeaderLease) -> None:
        await a.try_once()
        await b.try_once()
        assert (a.is_leader, b.is_leader, b.holder, a.terms, b.terms) == (True, False, "a", 1, 0)
        assert server.spec == {
            "holderIdentity": "a",
            "leaseDurationSeconds": LEASE_DURATION_SECONDS,
            "acquireTime": "1970-01-01T00:01:40.000000Z",
            "renewTime": "1970-01-01T00:01:40.000000Z",
            "leaseTransitions": 0,
        }

    electing(play)


def test_a_renewal_is_one_call_and_keeps_others_waiting() -> None:
    async def play(server: OneLease, a: LeaderLease, b: LeaderLease) -> None:
        await a.try_once()
        for _ in range(20):
            await b.try_once()
            server.now += 2
            server.asked.clear()
            await a.try_once()
            assert server.asked == ["PATCH"]
        await b.try_once()
        assert (a.is_leader, a.terms, b.is_leader) == (True, 1, False)

    electing(play)


def test_another_takes_over_a_full_duration_after_it_saw_the_last_renewal() -> None:
    async def play(server: OneLease, a: LeaderLease, b: LeaderLease) -> None:
        await a.try_once()
        server.now += 9
        await b.try_once()  # sees it only now
        server.now += LEASE_DURATION_SECONDS - 0.1
        await b.try_once()
        led_before = b.is_leader
        server.now += 0.1
        await b.try_once()
        assert [led_before, b.is_leader] == [False, True]
        assert (server.spec["holderIdentity"], server.spec["leaseTransitions"]) == ("b", 1)
        await a.try_once()
        assert (a.is_leader, a.holder) == (False, "b")

    electing(play)


def test_a_holder_that_cannot_renew_leads_no_more_before_another_can() -> None:
    async def play(server: OneLease, a: LeaderLease, b: LeaderLease) -> None:
        await a.try_once()
        await b.try_once()
        server.is_down = True
        while a.is_leader:
            server.now += 2
            await a.try_once()
        assert a.age_seconds() >= RENEW_DEADLINE_SECONDS
        assert (server.now, a.failures > 0) == (100 + RENEW_DEADLINE_SECONDS, True)
        server.is_down = False
        await b.try_once()
        assert not b.is_leader

    electing(play)


def test_a_holder_that_comes_back_before_another_leads_again_and_knows_it() -> None:
    async def play(server: OneLease, a: LeaderLease, b: LeaderLease) -> None:
        await a.try_once()
        server.now += RENEW_DEADLINE_SECONDS + 1
        assert not a.is_leader
        await a.try_once()
        assert (a.is_leader, a.terms, server.spec["leaseTransitions"]) == (True, 2, 0)

    electing(play)


def test_a_lease_that_is_given_back_is_taken_at_once() -> None:
    async def play(server: OneLease, a: LeaderLease, b: LeaderLease) -> None:
        await a.try_once()
        await a.release()
        assert (a.is_leader, server.spec["holderIdentity"]) == (False, "")
        await b.try_once()
        assert b.is_leader
        await a.release()
        assert server.spec["holderIdentity"] == "b"

    electing(play)


def test_of_two_that_take_it_at_once_one_leads() -> None:
    async def play(server: OneLease, a: LeaderLease, b: LeaderLease) -> None:
        await a.try_once()
        await b.try_once()
        server.now += LEASE_DURATION_SECONDS
        await asyncio.gather(a.try_once(), b.try_once())
        assert [a.is_leader, b.is_leader].count(True) == 1

    electing(play)


def test_a_lease_that_somebody_deleted_or_wrote_on_is_kept() -> None:
    async def play(server: OneLease, a: LeaderLease, b: LeaderLease) -> None:
        await a.try_once()
        assert server.lease is not None
        server.lease["metadata"] = {"uid": "u", "resourceVersion": "90"}  # a label, say
        await a.try_once()
        assert a.is_leader
        server.lease = None
        await a.try_once()
        assert (a.is_leader, a.terms, server.spec["holderIdentity"]) == (True, 1, "a")

    electing(play)


def test_the_age_counts_from_when_a_renewal_was_sent() -> None:
    async def play(server: OneLease, a: LeaderLease, b: LeaderLease) -> None:
        assert a.age_seconds() == float("inf")
        server.answers_after_seconds = 3
        await a.try_once()
        assert a.age_seconds() == pytest.approx(6)  # a read and a write

    electing(play)


def test_run_renews_and_tells_who_waits() -> None:
    async def play(server: OneLease, a: LeaderLease, b: LeaderLease) -> None:
        task = asyncio.create_task(a.run())
        await asyncio.wait_for(a.begins(), 10)
        assert a.is_leader
        task.cancel()

    electing(play)
