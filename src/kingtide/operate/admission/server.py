"""The HTTPS server that API servers ask: bounded in size, time and number of requests."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kingtide.certificates.pairs import KeyPair
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.controllers.admission.verdict import Verdict
from kingtide.controllers.admission.webhooks import FAILURES, KINDS, Work, path_of
from kingtide.fleet.policies.admission import AdmissionPolicy, Failure
from kingtide.operate.admission.answers import Asked, Malformed, answer, judge, read_review

MAX_BYTES = 8 * 1024 * 1024
"""Of a review: an object and what it was before, each of at most 3 MiB, the API server's own limit
of a request (apiserver's MaxRequestBodyBytes, v1.36), and what is around them."""
MAX_REQUESTS = 256
"""At once. An API server has 200 mutating requests in flight (--max-mutating-requests-inflight)."""
KEEP_ALIVE_SECONDS = 120
"""Longer than a Go client keeps an idle connection (90 s), so that it is never we who close one
that a request is already on its way over."""
END_SECONDS = 5
"""How long requests may go on once the process ends."""

Told = Callable[[Asked, Verdict], None]


class Webhook:
    """Answers reviews; `app` is the ASGI application.

    `policy` may be exchanged at any time. With `is_ending` each answer closes its connection.
    """

    def __init__(
        self,
        policy: AdmissionPolicy,
        snapshot: Callable[[int], AdmissionSnapshot],
        reviewed: Callable[[Work, Failure, Asked, Verdict, float], None],
        unanswered: Callable[[str], None],
    ) -> None:
        self.policy = policy
        self.is_ending = False
        self._snapshot = snapshot
        self._reviewed = reviewed
        self._unanswered = unanswered
        self.app = Starlette(
            routes=[
                Route(path_of(work, failure), self._endpoint(work, failure), methods=["POST"])
                for work in KINDS
                for failure in FAILURES
            ]
        )

    def _endpoint(self, work: Work, failure: Failure) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            try:
                async with asyncio.timeout(self.policy.timeout_seconds):
                    content = await _content(request)
            except TimeoutError:
                return self._no("Slow", 408, "the request took too long to arrive")
            except ClientDisconnect:
                return self._no("Gone", 400, "the client went away")
            if content is None:
                return self._no("TooLarge", 413, f"a review has at most {MAX_BYTES:,} bytes")
            began = time.perf_counter()
            try:
                asked = read_review(content)
            except Malformed as error:
                return self._no("Malformed", 400, str(error))
            policy = self.policy
            snapshot = self._snapshot(policy.max_staleness_seconds)
            verdict = judge(asked, snapshot, policy, failure)
            written = answer(asked, verdict, work)
            self._reviewed(work, failure, asked, verdict, time.perf_counter() - began)
            # Who keeps a connection would ask us, not another replica, until we are gone.
            headers = {"Connection": "close"} if self.is_ending else None
            return Response(written, media_type="application/json", headers=headers)

        return endpoint

    def _no(self, reason: str, code: int, text: str) -> Response:
        self._unanswered(reason)
        return PlainTextResponse(f"{text}\n", code)


async def _content(request: Request) -> bytes | None:
    """Return what is sent, None where it is too much; no more than that is ever held."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said[:20]) > MAX_BYTES:
        return None
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > MAX_BYTES:
            return None
    return bytes(found)


@contextlib.contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    """Return a path at which content can be read for the block: in memory alone, if possible."""
    if hasattr(os, "memfd_create"):  # Linux
        file = os.memfd_create("kingtide-certificate", os.MFD_CLOEXEC)
        with os.fdopen(file, "wb") as memory:
            memory.write(content)
            memory.flush()
            yield f"/proc/self/fd/{file}"
        return
    with tempfile.NamedTemporaryFile() as disk:  # readable by its owner alone
        disk.write(content)
        disk.flush()
        yield disk.name


class WebhookServer(uvicorn.Server):
    """Serves within the process' own event loop; `show` exchanges the certificate at any time."""

    def __init__(self, webhook: Webhook, listener: socket.socket, shown: KeyPair) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.show(shown)
        super().__init__(
            uvicorn.Config(
                webhook.app,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                limit_concurrency=MAX_REQUESTS,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=END_SECONDS,
                ssl_context_factory=lambda _config, _default: self._context,
            )
        )
        self._listener = listener

    def show(self, pair: KeyPair) -> None:
        """Show another certificate from the next connection on; those that are open stay.

        OpenSSL reads keys from files alone; where containers run there is none that can be written.
        """
        with _as_file(pair.certificate + pair.key) as path:
            self._context.load_cert_chain(path)

    async def answer(self) -> None:
        """Serve until cancelled or told to end (`should_exit`)."""
        await self.serve(sockets=[self._listener])

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The process' own handlers end it, after the requests that are under way."""
        yield
