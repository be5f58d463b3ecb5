"""Answers of services, good and hostile, over a real connection."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ssl
from pathlib import Path

import pytest

from kingtide.certificates.pairs import new_authority, new_serving
from kingtide.controllers.ingress.external_auth.settings import AuthSettings
from kingtide.live.external_auth.connections import Connections
from kingtide.live.external_auth.exchange import NoExchange

Found = tuple[int, tuple[tuple[str, str], ...]]


async def answered(*answers: bytes, method: str = "GET", asked: int = 1) -> tuple[list[Found], int]:
    """Ask a service that answers with these bytes in turn; return answers and connections.

    After an empty answer it closes the connection.
    """
    left = list(answers)
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        with contextlib.suppress(OSError, EOFError):
            while left and await reader.readuntil(b"\r\n\r\n"):
                answer = left.pop(0)
                if not answer:
                    break
                writer.write(answer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = AuthSettings("shop", "http", "127.0.0.1", port, "/auth", method)
    known = Connections()
    try:
        async with asyncio.timeout(5):
            return [
                await known.ask(settings, "127.0.0.1", HEADERS) for _ in range(asked)
            ], connections
    finally:
        known.close()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.01)  # connections are told of their end


HEADERS = (("Host", "a"),)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok"


def test_a_connection_is_used_again() -> None:
    found, connections = asyncio.run(answered(OK, OK, OK, asked=3))
    assert found == [(200, (("Content-Length", "2"), ("X-A", "b")))] * 3
    assert connections == 1


def test_a_connection_that_was_closed_meanwhile_counts_for_nothing() -> None:
    found, connections = asyncio.run(answered(OK, b"", OK, asked=2))
    assert [status for status, _ in found] == [200, 200]
    assert connections == 2


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        pytest.param(b"HTTP/1.1 204 No\r\n\r\n", 204, id="no body"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, id="until the end"),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
            403,
            id="not yet",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-B: c\r\n\r\n",
            200,
            id="in parts, with a trailer",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"x" * 900_000, 200, id="huge"
        ),
    ],
)
def test_an_answer_is_read(answer: bytes, status: int) -> None:
    found, _ = asyncio.run(answered(answer))
    assert found[0][0] == status
    assert not [name for name, _ in found[0][1] if name == "X-B"]


def test_an_answer_without_a_body_though_its_length_is_told() -> None:
    found, connections = asyncio.run(
        answered(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", OK, method="HEAD", asked=2)
    )
    assert [status for status, _ in found] == [200, 200]
    assert connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="none"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-A: b\r\n", id="half of one"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 70_000, id="headers without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX A: b\r\n\r\n", id="a name that is none"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", id="a length that is none"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            id="two lengths",
        ),
        pytest.param(
            b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", id="101"
        ),
    ],
)
def test_what_is_no_answer_is_none(answer: bytes) -> None:
    with pytest.raises(NoExchange):
        asyncio.run(answered(answer))


def test_what_comes_after_an_answer_is_nobodys() -> None:
    more = OK + b"HTTP/1.1 200 OK\r\nX-A: evil\r\n\r\n"
    found, connections = asyncio.run(answered(more, OK, asked=2))
    assert [dict(headers)["X-A"] for _, headers in found] == ["b", "b"]
    assert connections == 2


DAY, NOW = dt.timedelta(days=1), dt.datetime.now(dt.UTC)
AUTHORITY = new_authority("authority", NOW - DAY, NOW + DAY)
PAIR = new_serving(AUTHORITY, "auth", ["auth.shop.svc"], NOW - DAY, NOW + DAY)


@pytest.mark.parametrize(
    ("host", "is_trusted", "is_answered"),
    [
        pytest.param("auth.shop.svc", True, True, id="its name, of a known authority"),
        pytest.param("other.shop.svc", True, False, id="another name"),
        pytest.param("auth.shop.svc", False, False, id="an unknown authority"),
    ],
)
def test_certificates_are_checked(
    tmp_path: Path, host: str, is_trusted: bool, is_answered: bool
) -> None:
    (tmp_path / "pair.pem").write_bytes(PAIR.certificate + PAIR.key)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "pair.pem")
    asking = ssl.create_default_context(
        cadata=AUTHORITY.certificate.decode("ascii") if is_trusted else None
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)
            await writer.drain()
        writer.close()

    async def ask() -> int:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=serving)
        port = server.sockets[0].getsockname()[1]
        known = Connections(asking)
        try:
            settings = AuthSettings("shop", "https", host, port, "/auth")
            status, _ = await known.ask(settings, "127.0.0.1", HEADERS)
            return status
        finally:
            known.close()
            server.close()
            await server.wait_closed()
            await asyncio.sleep(0.01)

    if is_answered:
        assert asyncio.run(ask()) == 200
    else:
        with pytest.raises(ssl.SSLCertVerificationError):
            asyncio.run(ask())
