from __future__ import annotations

import asyncio

import httpx2

from kingtide.operate.ingress.sight import OTHERS_SECRETS, TrafficSight


class Empty(httpx2.AsyncBaseTransport):
    """An API server without an object; its watches stay open. It notes what it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, list[str]] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        selectors = self.asked.setdefault(request.url.path.rpartition("/")[2], [])
        selectors.append(request.url.params.get("fieldSelector", ""))
        if "watch" in request.url.params:
            await asyncio.Event().wait()
        return httpx2.Response(200, json={"metadata": {"resourceVersion": "1"}, "items": []})


def test_secrets_that_are_nothing_to_an_ingress_are_never_asked_for() -> None:
    api = Empty()

    async def see() -> None:
        async with httpx2.AsyncClient(transport=api, base_url="http://api") as client:
            sight = TrafficSight(client, "")
            running = asyncio.ensure_future(sight.run())
            while sight.unlisted or len(api.asked["secrets"]) < 2:
                await asyncio.sleep(0.001)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(see())
    selector = ",".join(f"type!={it}" for it in OTHERS_SECRETS)
    assert api.asked.pop("secrets") == [selector] * 2, "list and watch"
    assert {it for selectors in api.asked.values() for it in selectors} == {""}
