"""A cloud served over HTTP on loopback, moved by the test in the loop that serves it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import boto3
import uvicorn
from botocore.config import Config

from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.app import AwsApi
from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID
from tests.unit.twin.cloud.scene import Scene

TOKEN = "the-token-of-a-test"
REGION = "eu-west-3"

T = TypeVar("T")

_SESSION = boto3.session.Session()  # reads a service's description once, not in every test


class Served:
    """A scene behind an address; whatever touches the scene is run in the server's loop."""

    def __init__(self, scene: Scene, api: AwsApi, url: str, loop: asyncio.AbstractEventLoop):
        self.scene = scene
        self.api = api
        self.url = url
        self._loop = loop

    def do(self, work: Callable[[], T]) -> T:
        """Run something between two requests."""

        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=30)

    def run_for(self, milliseconds: int) -> None:
        """Move the world."""
        self.do(lambda: self.scene.run_for(milliseconds))

    def client(self, service: str, secret: str = TOKEN, key: str = ACCESS_KEY_ID) -> Any:
        """A boto3 client of the endpoint that tries once."""
        return _SESSION.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30),
        )


@contextmanager
def served(
    scene: Scene, now_seconds: Callable[[], float] = time.time, **account: Any
) -> Iterator[Served]:
    """Serve a scene's cloud until the block ends."""
    told = Account(scene.cloud, lambda: scene.engine.now_ms, **account)
    api = AwsApi(told, TOKEN, now_seconds)
    with listening(api) as (url, loop):
        yield Served(scene, api, url, loop)


Do = Callable[[Callable[[], object]], object]
"""Runs something between two requests, in the loop that serves them."""


@contextmanager
def served_account(account: Account) -> Iterator[tuple[str, Do]]:
    """Serve an account until the block ends; the credentials stand in the environment."""
    with listening(AwsApi(account, TOKEN)) as (url, loop):

        def do(work: Callable[[], object]) -> object:
            async def run() -> object:
                return work()

            return asyncio.run_coroutine_threadsafe(run(), loop).result(timeout=30)

        yield url, do


@contextmanager
def listening(api: AwsApi) -> Iterator[tuple[str, asyncio.AbstractEventLoop]]:
    """Serve on a free port of loopback, in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(api.app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(server.serve(sockets=[listener]))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield url, loop
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        loop.close()
        listener.close()
