"""HAProxy's Runtime API: commands over a UNIX socket, one connection a batch.

Source: https://docs.haproxy.org/2.6/management.html#9.3
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

MAX_REQUEST_BYTES = 12_000
"""Below HAProxy's buffer of 16,384 bytes: a request of 26 kB was answered as a success and stored
nothing (measured on 2.6.12)."""
MAX_ANSWER_BYTES = 64_000_000
"""Of one answer: the state of 300,000 servers."""
TIMEOUT_SECONDS = 10.0
"""For one request; HAProxy answers within milliseconds unless it is stuck."""

SAFE = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/,=@%[]()*+?|~&!{}"
)
"""Characters that mean nothing to the command line, so that a word made of them is one word."""


class RuntimeFailed(RuntimeError):
    """The Runtime API could not be asked, or refused."""


class NoAnswer(RuntimeFailed):
    """Nobody answers, or too late: it was not even refused."""


class Unsafe(ValueError):
    """A word that the command line could read as something else."""


class Runtime:
    """Asks the process behind a socket."""

    def __init__(self, socket: str) -> None:
        self._socket = socket

    async def ask(self, request: str) -> str:
        """Return the answer to a request, which is one line, or one with its payload.

        Raises:
            NoAnswer: nobody answers, or too late.
            RuntimeFailed: with more than is bearable.
        """
        text = request.encode()
        if len(text) > MAX_REQUEST_BYTES:
            raise RuntimeFailed(f"a request of {len(text)} bytes would be lost by HAProxy")
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._ask(text)
        except TimeoutError as error:
            raise NoAnswer(f"{self._socket}: no answer in time") from error
        except OSError as error:
            raise NoAnswer(f"{self._socket}: {error}") from error

    async def _ask(self, text: bytes) -> str:
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            writer.write(text + b"\n")
            await writer.drain()
            parts, size = [], 0
            while part := await reader.read(1 << 16):
                parts.append(part)
                size += len(part)
                if size > MAX_ANSWER_BYTES:
                    raise RuntimeFailed(f"an answer of over {MAX_ANSWER_BYTES} bytes")
            return b"".join(parts).decode("utf-8", "replace")
        finally:
            writer.close()

    async def tell(self, commands: Iterable[str]) -> tuple[str, ...]:
        """Send commands in as few requests as hold them; return what was said of them.

        Success is silence or a confirmation, so whoever has to know reads back.

        Raises:
            RuntimeFailed: nobody answers.
        """
        said: list[str] = []
        for request in batches(commands, "; "):
            answer = await self.ask(request)
            said += [line for line in answer.splitlines() if line.strip()]
        return tuple(said)


def batches(parts: Iterable[str], separator: str, room: int = MAX_REQUEST_BYTES) -> Iterator[str]:
    """Join parts to texts of at most `room` bytes; a part that is longer stands alone."""
    held: list[str] = []
    size = 0
    for part in parts:
        length = len(part.encode()) + len(separator)
        if held and size + length > room:
            yield separator.join(held)
            held, size = [], 0
        held.append(part)
        size += length
    if held:
        yield separator.join(held)


def word(text: str) -> str:
    """Return a text that is one word of a command.

    Raises:
        Unsafe: it holds a character that could end the word or the command.
    """
    if not text or not all(char in SAFE for char in text):
        raise Unsafe(f"{text!r} cannot stand in a command")
    return text
