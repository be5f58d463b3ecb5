"""How a live process leads and tells Events in any cluster: the twin behind its API, or a real one.

Leases and Events are made there, and deleted.
"""

from __future__ import annotations

import asyncio
import os
import time

import httpx2

from kingtide.live.kubernetes.events.recorder import EventRecorder
from kingtide.live.kubernetes.events.series import REPEAT_MS
from kingtide.live.kubernetes.events.told_event import Regarding, ToldEvent
from kingtide.live.kubernetes.lease import LEASE_DURATION_SECONDS, LeaderLease
from tests.contract.kubernetes_sides import OverHttp

OURS = f"kingtide-contract-{os.getpid()}"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
EVENTS = "/api/v1/namespaces/default/events"


def test_one_of_five_leads_and_another_takes_over(over_http: OverHttp) -> None:
    async def play(client: httpx2.AsyncClient) -> None:
        now = [0.0]
        candidates = [
            LeaderLease(client, "kube-system", OURS, f"p-{it}", lambda: now[0]) for it in range(5)
        ]
        for _ in range(3):
            await asyncio.gather(*(it.try_once() for it in candidates))
            now[0] += 2
        (leader,) = [it for it in candidates if it.is_leader]
        others = [it for it in candidates if it is not leader]
        await asyncio.gather(*(it.try_once() for it in others))  # all have seen its last word
        assert {it.holder for it in others} == {leader.identity}
        now[0] += LEASE_DURATION_SECONDS  # the leader is silent
        await asyncio.gather(*(it.try_once() for it in others))
        (next_leader,) = [it for it in others if it.is_leader]
        assert not leader.is_leader
        await leader.try_once()
        assert (leader.is_leader, leader.holder) == (False, next_leader.identity)
        await next_leader.release()
        await leader.try_once()
        assert (leader.is_leader, leader.terms) == (True, 2)
        assert sum(it.failures for it in candidates) == 0
        await client.delete(f"{LEASES}/{OURS}")

    over_http.play(play)


def test_an_event_is_written_once_and_counted(over_http: OverHttp) -> None:
    regarding = Regarding("Node", "v1", "", OURS, "uid-of-ours")
    event = ToldEvent("node_autoscaling", regarding, "Normal", "Cordon", "m")

    async def play(client: httpx2.AsyncClient) -> None:
        now = [time.time_ns() // 1_000_000]
        recorder = EventRecorder(client, "p-1", lambda: now[0])
        for _ in range(3):
            recorder.tell(event)
            await recorder.write_due()
            now[0] += REPEAT_MS
        assert (recorder.written, recorder.failures, recorder.last_failure) == (3, 0, "")
        query = {"fieldSelector": f"involvedObject.name={OURS},involvedObject.uid=uid-of-ours"}
        answer = await client.get(EVENTS, params=query)
        found = [(it["reason"], it["count"]) for it in answer.json()["items"]]
        assert found == [("Cordon", 3)]
        await client.delete(f"{EVENTS}/{answer.json()['items'][0]['metadata']['name']}")

    over_http.play(play)
