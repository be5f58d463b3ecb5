"""Credentials from a command that a kubeconfig names, as `aws eks get-token`.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
(v1.36). What the command prints never reaches a log or a message.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping

import httpx2
import msgspec
from lightkube.config.models import UserExec

from kingtide.kube.wire.times import time_ms
from kingtide.live.kubernetes.failures import NotConnectable

VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
COMMAND_TIMEOUT_SECONDS = 30
"""Commands ask an identity provider; one that takes longer hangs, mostly on a question."""
MAX_OUTPUT_BYTES = 1_000_000
EARLY_MS = 60_000
"""A token is renewed this long before it ends, so that none ends on its way."""


class _Status(msgspec.Struct, rename="camel", frozen=True):
    token: str = ""
    expiration_timestamp: str | None = None


class _ExecCredential(msgspec.Struct, rename="camel"):
    api_version: str
    status: _Status = _Status()


class ExecAuth(httpx2.Auth):
    """Puts the command's token on requests; asks again when it ends, or once when it is refused."""

    def __init__(self, command: UserExec, now_ms: Callable[[], int] | None = None) -> None:
        if command.apiVersion not in VERSIONS:
            raise NotConnectable(
                f"the kubeconfig's exec command speaks {command.apiVersion};"
                f" known are {' and '.join(VERSIONS)}"
            )
        self._command = command
        self._now_ms = now_ms or (lambda: int(time.time() * 1000))
        self._token = ""
        self._ends_ms: int | None = None
        self._asking = asyncio.Lock()

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send a request with a token that is good, as far as known."""
        sent = await self._current(refused="")
        request.headers["Authorization"] = f"Bearer {sent}"
        response = yield request
        if response.status_code == 401:
            request.headers["Authorization"] = f"Bearer {await self._current(refused=sent)}"
            yield request

    async def _current(self, refused: str) -> str:
        """Return the token; a new one if there is none, it ends soon, or it was refused."""
        async with self._asking:
            ends_soon = self._ends_ms is not None and self._now_ms() >= self._ends_ms - EARLY_MS
            if not self._token or ends_soon or self._token == refused:
                await self._ask()
            return self._token

    async def _ask(self) -> None:
        name = self._command.command
        info = {"apiVersion": self._command.apiVersion, "kind": "ExecCredential"}
        spec = {"spec": {"interactive": False}}
        environment = {
            **os.environ,
            **{it.name: it.value for it in self._command.env or ()},
            "KUBERNETES_EXEC_INFO": msgspec.json.encode(info | spec).decode(),
        }
        text = await _output([name, *(self._command.args or ())], environment)
        try:
            found = msgspec.json.decode(text, type=_ExecCredential)
            ends_ms = time_ms(found.status.expiration_timestamp)
        except ValueError:
            # Chained, its text would hold what was printed, which may be a token.
            raise NotConnectable(f"{name} printed no ExecCredential") from None
        if not found.status.token:
            raise NotConnectable(
                f"{name} printed no token; client certificates are not read from it"
            )
        self._token, self._ends_ms = found.status.token, ends_ms


async def _output(command: list[str], environment: Mapping[str, str]) -> bytes:
    """Return what a command prints.

    Raises:
        NotConnectable: it cannot be run, fails, prints too much or takes too long.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        raise NotConnectable(f"{command[0]} cannot be run ({error.strerror})") from error
    try:
        text, _ = await asyncio.wait_for(process.communicate(), COMMAND_TIMEOUT_SECONDS)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise NotConnectable(
            f"{command[0]} gave no token within {COMMAND_TIMEOUT_SECONDS} s"
        ) from error
    if process.returncode:
        raise NotConnectable(f"{command[0]} ended with {process.returncode}; run it by hand to see")
    if len(text) > MAX_OUTPUT_BYTES:
        raise NotConnectable(f"{command[0]} printed more than {MAX_OUTPUT_BYTES:,} bytes")
    return text
