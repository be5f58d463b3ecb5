"""Connections that spoil what a served twin says, between a process and the real answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2


class SilentWatches:
    """Holds back what watches tell that were begun before, from `begin` to `end`."""

    def __init__(self) -> None:
        self.is_silent = False

    def begin(self) -> None:
        self.is_silent = True

    def end(self) -> None:
        self.is_silent = False

    def over(self, inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
        return _Changed(inner, self._answer)

    async def _answer(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if "watch" in request.url.params and not self.is_silent:
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = _Held(response.stream, self)
        return response


class _Held(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, silent: SilentWatches) -> None:
        self._inner = inner
        self._silent = silent

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            while self._silent.is_silent:
                await asyncio.sleep(0.02)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


class SpoiltPods:
    """Puts pods into the list that no API server would hand out, and some that an odd one might."""

    READABLE = 1
    UNREADABLE = 4

    @staticmethod
    def over(inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
        return _Changed(inner, _spoil_pods)


async def _spoil_pods(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
    if request.url.path != "/api/v1/pods" or "watch" in request.url.params:
        return response

    def spoil(items: list[dict[str, Any]]) -> None:
        huge = json.loads(json.dumps(items[0]))
        huge["metadata"] |= {"name": "huge", "uid": "huge", "annotations": {"a": "x" * 3_000_000}}
        limbo = json.loads(json.dumps(items[0]))
        limbo["metadata"] |= {"name": "limbo", "uid": "limbo"}
        limbo["status"]["phase"] = "Limbo"
        items += [
            huge,
            limbo,
            {},
            {"metadata": {"name": 7}},
            {"metadata": "none", "spec": [], "status": None},
        ]

    return await _with_items(response, spoil)


class UnreadyNodes:
    """Says of every node that it is not Ready."""

    @staticmethod
    def over(inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
        return _Changed(inner, _unready)


async def _unready(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
    if request.url.path != "/api/v1/nodes" or "watch" in request.url.params:
        return response

    def change(items: list[dict[str, Any]]) -> None:
        for condition in (it for node in items for it in node["status"]["conditions"]):
            if condition["type"] == "Ready":
                condition["status"] = "False"

    return await _with_items(response, change)


class TurnedToken:
    """Takes the first token until `turn`, and then only the second, as a real server would."""

    def __init__(self, first: str, second: str) -> None:
        self._first = first
        self._second = second
        self._is_turned = False
        self.refused = 0

    def turn(self) -> None:
        self._is_turned = True

    def over(self, inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
        return _Changed(inner, self._answer, self._ask)

    def _ask(self, request: httpx2.Request) -> None:
        wanted = self._second if self._is_turned else self._first
        known = request.headers["Authorization"] == f"Bearer {wanted}"
        self.refused += not known
        request.headers["Authorization"] = f"Bearer {self._first if known else 'none'}"

    async def _answer(self, _: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        return response


Answer = Callable[[httpx2.Request, httpx2.Response], Any]


class _Changed(httpx2.AsyncBaseTransport):
    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport,
        answer: Answer,
        ask: Callable[[httpx2.Request], None] = lambda _: None,
    ) -> None:
        self._inner = inner
        self._answer = answer
        self._ask = ask

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._ask(request)
        changed = await self._answer(request, await self._inner.handle_async_request(request))
        assert isinstance(changed, httpx2.Response)
        return changed

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _with_items(
    response: httpx2.Response, change: Callable[[list[dict[str, Any]]], None]
) -> httpx2.Response:
    found = json.loads(await response.aread())
    change(found["items"])
    return httpx2.Response(response.status_code, json=found)
