from __future__ import annotations

import asyncio

import httpx2

from kingtide.control import action as actions
from kingtide.control import node_actions, workload_actions
from kingtide.control.action import Action, EvictPod
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.performer import PERFORMED, KubernetesPerformer
from kingtide.live.kubernetes.performing.write_rate import WriteRate

EVICT = EvictPod(namespace="shop", name="a", uid="u", reason="r")


def test_every_action_on_a_cluster_is_performed() -> None:
    asked = {
        it
        for module in (actions, node_actions, workload_actions)
        for it in vars(module).values()
        if isinstance(it, type) and issubclass(it, Action) and it.REQUIRES
    }
    of_cluster = {it for it in asked if all(need.api != "aws" for need in it.REQUIRES)}
    assert set(PERFORMED) == of_cluster
    assert len(of_cluster) > 15


class Silent(httpx2.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    async def run() -> tuple[str, str]:
        async with httpx2.AsyncClient(transport=Silent(), base_url="http://api") as client:
            api = Api(client, WriteRate(), call_seconds=0.01)
            outcome = await KubernetesPerformer(api).perform(EVICT)
            return outcome.status, outcome.code

    assert asyncio.run(run()) == ("failed", "Timeout")
