"""The SDK's clients, in worker threads: declared calls only, bounded in time and in number.

Region and credentials are found by the SDK's own chain and stay inside it; nothing of it is logged.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import boto3
from botocore.config import Config

from kingtide.live.aws.failures import NotLeading, UndeclaredCall, Unreadable, failure_of
from kingtide.live.aws.limits import OBSERVING, CallLimits
from kingtide.live.aws.reads import DECLARED, Call
from kingtide.live.identity import user_agent

THREADS = 8
"""Calls at once, a long poll apart. More would only be throttled: Auto Scaling's describe calls
refill at some ten a second."""
CONNECT_SECONDS = 2
READ_SECONDS = 10
"""Of one try of a read."""
WRITE_SECONDS = 3
"""Of a write's only try: with connecting, it ends within the 5 s that a lease leaves (15 s until it
is taken over, 10 s after which its holder stops beginning writes)."""
TRIES = 4
CALL_SECONDS = 40
"""Of a read with all its tries and the waits that the SDK makes between them."""
POLL_SECONDS = 20
"""The longest long poll of SQS."""
MAX_PAGES = 50
"""Of one listing: 5,000 groups or activities."""

_LOGGERS = ("boto3", "botocore", "urllib3", "s3transfer")


class AwsClient:
    """Makes calls. `calls` and `failures` count them, by `service:Operation`.

    Args:
        region: None leaves it to the SDK's chain.
        endpoint: The address of the twin or of any emulator, for all services.
        may_write: Whether the lease allows a write, asked at the last moment.
        writing: What each write is made within; entered before `may_write` is asked.
        session: What makes the clients; None: boto3's, as this process and machine are configured.
    """

    def __init__(
        self,
        region: str | None = None,
        endpoint: str | None = None,
        limits: CallLimits | None = None,
        may_write: Callable[[], bool] = lambda: True,
        session: Any = None,
        writing: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        _silence()
        self.calls: dict[str, int] = {}
        self.failures: dict[str, int] = {}
        self.limits = limits or CallLimits()
        self._region = region
        self._endpoint = endpoint
        self._may_write = may_write
        self._session = session
        self._writing = writing
        self._clients: dict[tuple[str, bool], Any] = {}
        self._making = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aws")
        self._polls = ThreadPoolExecutor(1, thread_name_prefix="aws-poll")

    async def call(self, call: Call, by: str = OBSERVING, **parameters: Any) -> Mapping[str, Any]:
        """Make a call and return the answer as the SDK parsed it.

        Raises:
            AwsFailure: it was not made, not taken, or not answered.
        """
        self.limits.take(by)
        # Who waits no longer must not have it sent later.
        seconds = CONNECT_SECONDS + WRITE_SECONDS if call.writes else CALL_SECONDS
        until = time.monotonic() + seconds
        work = self._threads.submit(self._make, call, parameters, until)
        return await self._answer(call, work, seconds + 1)

    async def pages(
        self, call: Call, key: str, by: str = OBSERVING, **parameters: Any
    ) -> list[Any]:
        """Return the items of all pages of a listing; `key` names them in each answer.

        Raises:
            AwsFailure: a page cannot be had; there is nothing then, never a part.
        """
        found: list[Any] = []
        for _ in range(MAX_PAGES):
            answer = await self.call(call, by, **parameters)
            found += answer.get(key) or ()
            token = answer.get("NextToken")
            if not token:
                return found
            parameters["NextToken"] = token
        raise Unreadable(f"{call.operation} has more than {MAX_PAGES} pages")

    async def poll(
        self,
        call: Call,
        abandoned: Callable[[Mapping[str, Any]], None],
        **parameters: Any,
    ) -> Mapping[str, Any]:
        """Make a call that waits for something to happen, in a thread of its own.

        Who is cancelled meanwhile has `abandoned` called with what came after all, in that thread.

        Raises:
            AwsFailure: as of `call`.
        """
        self.limits.take(OBSERVING)
        until = time.monotonic() + CALL_SECONDS + POLL_SECONDS
        work = self._polls.submit(self._make, call, parameters, until)
        try:
            return await self._answer(call, work, CALL_SECONDS + POLL_SECONDS)
        except asyncio.CancelledError:
            work.add_done_callback(lambda done: _hand_over(done, abandoned))
            raise

    def call_now(self, call: Call, **parameters: Any) -> Mapping[str, Any]:
        """Make a call in the thread that asks, for what is done while a process ends.

        Raises:
            AwsFailure: as of `call`.
        """
        try:
            return self._make(call, parameters, time.monotonic() + READ_SECONDS)
        except Exception as error:
            raise failure_of(error) from error

    def prepare_writes(self, service: str) -> None:
        """Have what a service's first write needs made beside: that takes the SDK half a second.

        What goes wrong with it is told by the first write.
        """
        self._threads.submit(self._client, service, writes=True)

    def close(self) -> None:
        """Begin no more calls; those under way end by their timeouts."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._polls.shutdown(wait=False, cancel_futures=True)

    # ------------------------------------------------------------ in a worker's thread

    async def _answer(
        self, call: Call, work: Future[Mapping[str, Any]], seconds: float
    ) -> Mapping[str, Any]:
        name = f"{call.service}:{call.operation}"
        self.calls[name] = self.calls.get(name, 0) + 1
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(asyncio.wrap_future(work))
        except TimeoutError as error:
            self.failures[name] = self.failures.get(name, 0) + 1
            raise failure_of(error) from error
        except Exception as error:
            self.failures[name] = self.failures.get(name, 0) + 1
            raise failure_of(error) from error

    def _make(self, call: Call, parameters: Mapping[str, Any], until: float) -> Mapping[str, Any]:
        client = self._client(call.service, writes=call.writes)
        if time.monotonic() > until:
            raise TimeoutError(call.operation)
        answer: Mapping[str, Any]
        if not call.writes:
            answer = client._make_api_call(call.operation, dict(parameters))
            return answer
        with self._writing():
            if not self._may_write():
                raise NotLeading("another process may lead by now")
            answer = client._make_api_call(call.operation, dict(parameters))
        return answer

    def _client(self, service: str, *, writes: bool) -> Any:
        with self._making:  # a session makes one client at a time
            found = self._clients.get((service, writes))
            if found is None:
                found = self._made(service, writes=writes)
                self._clients[service, writes] = found
            return found

    def _made(self, service: str, *, writes: bool) -> Any:
        if self._session is None:
            self._session = boto3.session.Session(region_name=self._region)
        waits = POLL_SECONDS if service == "sqs" else 0
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=WRITE_SECONDS if writes else READ_SECONDS + waits,
            retries={"mode": "standard", "total_max_attempts": 1}
            if writes
            else {"mode": "adaptive", "total_max_attempts": TRIES},
            max_pool_connections=THREADS + 1,
            user_agent_extra=user_agent(),
        )
        client = self._session.client(service, endpoint_url=self._endpoint, config=config)
        client.meta.events.register("provide-client-params", _declared)
        return client


def _declared(model: Any, **_: object) -> None:
    if (model.service_model.service_name, model.name) not in DECLARED:
        raise UndeclaredCall(f"{model.service_model.service_name}:{model.name} is not declared")


def _hand_over(
    done: Future[Mapping[str, Any]], abandoned: Callable[[Mapping[str, Any]], None]
) -> None:
    if not done.cancelled() and done.exception() is None:
        abandoned(done.result())


def _silence() -> None:
    """Keep the SDK from writing requests to a log: at debug level they hold session tokens."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
