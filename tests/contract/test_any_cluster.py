"""What a live process does to any cluster: the twin behind its API, or a real one.

A real one is named by $KINGTIDE_TEST_KUBECONFIG; Leases, Events and two Nodes that nobody runs are
made there, and deleted.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from kingtide.kube.wire.kinds import api_kinds
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.events.recorder import EventRecorder
from kingtide.live.kubernetes.events.series import REPEAT_MS
from kingtide.live.kubernetes.events.told_event import Regarding, ToldEvent
from kingtide.live.kubernetes.lease import LEASE_DURATION_SECONDS, LeaderLease
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.performer import KubernetesPerformer
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from tests.contract.test_performing import NODE_SCENARIOS
from tests.served_world import served_world

Play = Callable[[httpx2.AsyncClient], Awaitable[None]]
pytest.importorskip("kingtide.twin.apiserver.writes", reason="the API only reads so far")

CLUSTER = "KINGTIDE_TEST_KUBECONFIG"
OURS = f"kingtide-contract-{os.getpid()}"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
EVENTS = "/api/v1/namespaces/default/events"
NODES = "/api/v1/nodes"


@pytest.fixture(scope="module", params=["twin", "cluster"])
def kubeconfig(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    if request.param == "twin":
        with served_world(tmp_path_factory.mktemp("small")) as served:
            yield served.write_kubeconfig(tmp_path_factory.mktemp("kubeconfig"))
    elif CLUSTER in os.environ:
        yield Path(os.environ[CLUSTER])
    else:
        pytest.skip(f"{CLUSTER} names no kubeconfig of a real cluster")


def playing(kubeconfig: Path, play: Play) -> None:
    async def run() -> None:
        async with cluster_connection(kubeconfig) as client:
            await play(client)

    asyncio.run(run())


def test_one_of_five_leads_and_another_takes_over(kubeconfig: Path) -> None:
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

    playing(kubeconfig, play)


def test_an_event_is_written_once_and_counted(kubeconfig: Path) -> None:
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

    playing(kubeconfig, play)


@pytest.mark.parametrize(("actions_on", "expected"), NODE_SCENARIOS.values(), ids=NODE_SCENARIOS)
def test_actions_on_nodes_become_what_the_twin_says(
    kubeconfig: Path, actions_on: Any, expected: tuple[str, ...]
) -> None:
    async def play(client: httpx2.AsyncClient) -> None:
        performer = KubernetesPerformer(Api(client, WriteRate()))
        nodes = {}
        for number in range(2):
            metadata = {"name": f"{OURS}-{number}"}
            body = {"apiVersion": "v1", "kind": "Node", "metadata": metadata}
            made = await client.post(NODES, json=body)
            assert made.status_code == 201, made.text
            nodes[number] = api_kinds()["Node"].read(made.content)
        try:
            actions = actions_on(SimpleNamespace(nodes=nodes))
            became = [await performer.perform(it) for it in actions]
            assert [f"{it.status} {it.code}".strip() for it in became] == [*expected], became
        finally:
            for it in nodes.values():
                await client.delete(f"{NODES}/{it.name}")

    playing(kubeconfig, play)
