"""A pod that dies after it took a request: what changes nothing is sent to another, no other is."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kingtide.controllers.ingress.desired import Server
from tests.free_ports import free_port
from tests.real import haproxy
from tests.real.test_ingress_changes import Serving, serving, to

pytestmark = haproxy.needs_haproxy

Pod = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def dying_pods(count: int, took: list[str]) -> AsyncIterator[list[Server]]:
    """Run pods that take a request, note its method, and die without an answer."""

    async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        took.append(head.split(b" ")[0].decode())
        writer.transport.abort()

    running = [await asyncio.start_server(die, "127.0.0.1") for _ in range(count)]
    try:
        yield [
            Server(f"pod{number}", "127.0.0.1", it.sockets[0].getsockname()[1])
            for number, it in enumerate(running)
        ]
    finally:
        for it in running:
            it.close()


def asked(port: int, method: str) -> int:
    """Return the status of a request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, "/", headers={"Host": "h", "Content-Length": "0"})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("methods", "times"),
    [
        pytest.param(("GET", "HEAD", "OPTIONS"), 4, id="what changes nothing is tried thrice more"),
        pytest.param(("POST", "PATCH", "PUT", "DELETE"), 1, id="all else reaches one pod alone"),
    ],
)
def test_a_request_whose_pod_died_is_sent_again_only_if_it_changes_nothing(
    short_path: Path, methods: tuple[str, ...], times: int
) -> None:
    async def night(it: Serving) -> None:
        took: list[str] = []
        async with dying_pods(2, took) as pods:
            await it.proxy.bring(to(*pods))
            for method in methods:
                took.clear()
                assert await asyncio.to_thread(asked, it.http, method) == 502
                assert took == [method] * times

    serving(short_path, night)


def test_any_request_goes_to_another_pod_where_nobody_took_its_connection(short_path: Path) -> None:
    async def night(it: Serving) -> None:
        took: list[str] = []
        async with dying_pods(1, took) as alive:
            gone = Server("gone", "127.0.0.1", free_port())
            await it.proxy.bring(to(gone, *alive))
            for _ in range(4):
                await asyncio.to_thread(asked, it.http, "POST")
            assert took == ["POST"] * 4

    serving(short_path, night)
