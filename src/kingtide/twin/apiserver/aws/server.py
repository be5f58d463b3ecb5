"""Serves a world's AWS APIs on an address of their own, in the loop that moves the world.

AWS' clients take one endpoint for everything and plain HTTP, which is why this is not a path of
the Kubernetes API's server.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping

import uvicorn

from kingtide.twin.apiserver.auditing import Audit
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.app import AwsApi
from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID
from kingtide.twin.apiserver.server import END_SECONDS, LOOPBACK, NotServed


class AwsServer:
    """Listens from the moment it is made; `secret` is what callers sign with: the twin's token.

    Raises:
        NotServed: the address is taken, or not ours.
    """

    def __init__(
        self,
        account: Account,
        secret: str,
        host: str = LOOPBACK,
        port: int = 0,
        audit: Audit | None = None,
    ) -> None:
        try:
            self._socket = socket.create_server((host, port))
        except OSError as error:
            raise NotServed(f"{host}:{port} cannot be listened on ({error.strerror})") from error
        # As the Kubernetes API does: no answer's body waits for its head to be acknowledged.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._socket.getsockname()[1]
        self.api = AwsApi(account, secret, audit=audit)
        self._account = account
        self._secret = secret
        self._host = LOOPBACK if host in ("0.0.0.0", "") else host
        self._server = _Uvicorn(
            uvicorn.Config(
                self.api.app,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=END_SECONDS,
            )
        )

    @property
    def url(self) -> str:
        """What `--aws-endpoint` and the aws command's `--endpoint-url` take."""
        return f"http://{self._host}:{self.port}"

    def environment(self) -> Mapping[str, str]:
        """Return the variables by which every SDK and the aws command find it and sign."""
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": self._secret,
            "AWS_DEFAULT_REGION": self._account.region,
            "AWS_ENDPOINT_URL": self.url,
        }

    async def run(self) -> None:
        """Serve until `stop`; one that was stopped before only gives its address back."""
        try:
            # uvicorn closes nothing of what it opens when it is to end before it began.
            if not self._server.should_exit:
                await self._server.serve(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """End; long polls that wait are cut after a moment."""
        self._server.should_exit = True


class _Uvicorn(uvicorn.Server):
    """Leaves signals to whoever started it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
