"""No request of 200,000 fails during 1,000 changes of endpoints and 50 reloads.

wrk asks, on connections that are kept and on new ones. The controller's process is left out: what
it adds is the cluster's API and times between reloads, which `python -m benchmarks ingress` has,
with the same counts, and test_ingress_load for some seconds.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kingtide.controllers.ingress.desired import Desired, Server
from tests.real import haproxy
from tests.real.ingress_load import SERVING, fast_pods
from tests.real.test_ingress_changes import Serving, serving, to

REQUESTS, CHANGES, RELOADS = 200_000, 1_000, 50
ROUNDS = 5
"""Over which all of that is spread; a machine that others use takes more for so many requests."""
MAX_ROUNDS = 100

pytestmark = [
    haproxy.needs_haproxy,
    pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed"),
]


class Wrk:
    """wrk while it asks; `answered` and `failed` are known once it was ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.answered = 0
        self.failed = ""

    def end(self) -> None:
        """End it, and take over what it counted."""
        self._process.send_signal(signal.SIGINT)
        said, _ = self._process.communicate(timeout=60)
        counted = re.search(r"(\d+) requests in", said)
        assert counted is not None, said
        self.answered = int(counted[1])
        wrong = re.findall(r"(?:Socket errors|Non-2xx).*", said)
        self.failed = "; ".join(wrong)


@contextmanager
def wrk(port: int, connections: int, *headers: str) -> Iterator[Wrk]:
    """Run wrk on so many connections until the block ends."""
    line = ["wrk", "-t1", f"-c{connections}", "-d1h", "--timeout", "60s"]
    for header in ("Host: h", *headers):
        line += ["-H", header]
    line.append(f"http://127.0.0.1:{port}/")
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Wrk(process)
        finally:
            if process.poll() is None:
                process.kill()


def endpoints(ports: list[int], change: int) -> tuple[Server, ...]:
    """Return the pods that serve after so many changes: each puts the next for the oldest."""
    chosen = [ports[(change + it) % len(ports)] for it in range(SERVING)]
    return tuple(Server(f"pod{port}", "127.0.0.1", port) for port in chosen)


def wanted(servers: tuple[Server, ...], others: int) -> Desired:
    """Return a proxy with these pods, and so many other backends: each one more takes a reload."""
    found = to(*servers)
    for number in range(others):
        other = to(*servers[:1], name=f"other{number}", path=f"/other{number}")
        found = Desired(found.routes + other.routes, {**found.backends, **other.backends})
    return found


class Churn:
    """Endpoints that change, with a reload after every twentieth until there were enough."""

    def __init__(self, it: Serving, ports: list[int]) -> None:
        self.changes = self.reloads = 0
        self._it = it
        self._ports = ports

    async def go_on(self) -> None:
        """Do a round."""
        for _ in range(RELOADS // ROUNDS):
            for _ in range(CHANGES // RELOADS):
                self.changes += 1
                await self._it.proxy.bring_servers(self.now(), ["web"])
            if self.reloads < RELOADS:
                self.reloads += 1
                assert (await self._it.proxy.bring(self.now())).is_loaded

    def now(self) -> Desired:
        """Return the proxy as it should be."""
        return wanted(endpoints(self._ports, self.changes), self.reloads)


def test_no_request_fails_while_endpoints_change_and_haproxy_is_reloaded(tmp_path: Path) -> None:
    async def night(it: Serving) -> None:
        churn, answered = Churn(it, ports), 0
        await it.proxy.bring(churn.now())
        for _ in range(MAX_ROUNDS):
            with wrk(it.http, 12) as kept, wrk(it.http, 2, "Connection: close") as new:
                await churn.go_on()
                for asking in (kept, new):
                    await asyncio.to_thread(asking.end)
                    assert not asking.failed
                    assert asking.answered
                    answered += asking.answered
            if churn.reloads == RELOADS and answered >= REQUESTS:
                break
        assert churn.changes >= CHANGES
        assert answered >= REQUESTS

    with fast_pods(tmp_path, 12) as ports:
        serving(tmp_path, night)
