"""An API server that gives prepared answers, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx2
import msgspec

T = TypeVar("T")


class Asked(msgspec.Struct, frozen=True):
    """A request: `body` is None without one."""

    method: str
    path: str
    params: dict[str, str]
    media: str
    body: Any


class Scripted(httpx2.AsyncBaseTransport):
    """Answers are (status code, body), or an error to raise instead; the last one stays."""

    def __init__(self, *answers: tuple[int, Any] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        content = await request.aread()
        self.asked.append(
            Asked(
                request.method,
                request.url.path,
                dict(request.url.params),
                request.headers.get("content-type", ""),
                msgspec.json.decode(content) if content else None,
            )
        )
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        code, body = answer
        return httpx2.Response(code, content=msgspec.json.encode(body))


def status(code: int, reason: str, message: str = "", **details: Any) -> tuple[int, Any]:
    """Return the API server's answer that is an error."""
    body = {"kind": "Status", "code": code, "reason": reason, "message": message}
    return code, body | ({"details": details} if details else {})


def asking(script: Scripted, what: Callable[[httpx2.AsyncClient], Awaitable[T]]) -> T:
    """Run something with a client of the script."""

    async def run() -> T:
        async with httpx2.AsyncClient(transport=script, base_url="http://api") as client:
            return await what(client)

    return asyncio.run(run())
