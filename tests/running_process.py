"""`kingtide run` within a test: the whole process, in a loop of its own, against a served twin."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
from msgspec.structs import replace

from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Phrases
from kingtide.fleet.policies.safety import SafetyPolicy
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.operate.running.asked import Wanted, read_asked
from kingtide.operate.running.assembly import Chosen, LoopsOf, Outlets, loops_of, run_controllers
from kingtide.operate.running.health import address_of, listening
from kingtide.operate.running.journal import JOURNAL, DecisionFile
from kingtide.operate.running.logs import DecisionLog
from kingtide.rehearsal.named import named
from kingtide.rehearsal.prepare import Prepared
from kingtide.report.sentences import NO_PHRASES, PHRASES, told
from kingtide.roster.journal import decode_journal
from kingtide.twin.apiserver.aws.account import account_of
from kingtide.twin.apiserver.aws.server import AwsServer
from kingtide.twin.definition import WorldDefinition
from tests.served_world import TOKEN, ServedWorld, served_world

SECONDS = 60.0
"""What a condition may take: many times what it takes on an idle machine."""
CLUSTER = "prod"


def _phrases(name: str) -> Phrases:
    return PHRASES.get(name, NO_PHRASES)


def left_alone(prepared: Prepared) -> WorldDefinition:
    """The small rehearsal without controllers of its own, under its fleet's name."""
    definition = replace(prepared.definition, controllers=())
    return named(definition, prepared.scenario.cluster.full_name)


class Site:
    """A served cluster and cloud, with the files that a process needs; its clock stands still."""

    def __init__(self, folder: Path, served: ServedWorld, aws: AwsServer) -> None:
        self.journals = folder
        self.served = served
        self.aws = aws
        self.fleet = folder / "fleet"
        self.kubeconfig = served.write_kubeconfig(folder)

    def wanted(self, *controllers: str) -> Wanted:
        return Wanted(self.fleet, CLUSTER, controllers or None)

    def chosen(self, *controllers: str, safety: SafetyPolicy | None = None, **more: Any) -> Chosen:
        wanted = self.wanted(*controllers)
        asked = read_asked(wanted)
        if safety is not None:
            asked = replace(asked, safety=safety)
        return Chosen(asked, wanted, aws_endpoint=self.aws.url, **more)


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Serve the small rehearsal's cluster and cloud until the block ends."""
    with served_world(folder, change=left_alone) as served:
        aws = served.call(lambda: AwsServer(account_of(served.world), TOKEN))
        serving = asyncio.run_coroutine_threadsafe(aws.run(), served.loop)
        try:
            yield Site(folder, served, aws)
        finally:
            served.call(aws.stop)
            serving.result(30)


class Running:
    """A process that runs; what it told."""

    def __init__(self, folder: Path, log: io.StringIO, url: str, stop: asyncio.Event) -> None:
        self._folder = folder
        self._log = log
        self._url = url
        self._stop = stop
        self.task: asyncio.Future[None] | None = None

    async def get(self, path: str) -> httpx2.Response:
        # Without certificates to read: a condition is asked for many times a second.
        async with httpx2.AsyncClient(base_url=self._url, verify=False) as client:
            return await client.get(path)

    async def metrics(self) -> dict[str, float]:
        """Every series as /metrics shows it."""
        text = (await self.get("/metrics")).text
        lines = (it.rpartition(" ") for it in text.splitlines() if not it.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    @property
    def log_text(self) -> str:
        return self._log.getvalue()

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(it) for it in self.log_text.splitlines()]

    def entries(self) -> tuple[DecisionEntry, ...]:
        return decode_journal((self._folder / JOURNAL).read_bytes())

    def codes(self, controller: str = "process") -> list[str]:
        """The codes of a controller's verdicts, in their order."""
        entries = [it for it in self.entries() if it.controller == controller]
        return [verdict.code for it in entries for verdict in it.report.verdicts]

    def passed(self) -> bool:
        return "first pass after" in self.log_text

    async def ended(self) -> None:
        """Wait until it has ended by itself; raises what ended it."""
        assert self.task is not None
        await asyncio.wait_for(self.task, SECONDS)

    async def end(self) -> None:
        """Stop it as a signal does, and wait until it has ended."""
        self._stop.set()
        await self.ended()


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait for a condition."""
    ends = time.monotonic() + SECONDS
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() < ends, "it did not happen"
        await asyncio.sleep(0.05)


Wrap = Callable[[httpx2.AsyncBaseTransport], httpx2.AsyncBaseTransport]


@asynccontextmanager
async def running(
    place: Site,
    chosen: Chosen,
    *,
    name: str = "journal",
    loops: LoopsOf = loops_of,
    client: httpx2.AsyncClient | None = None,
    wrap: Wrap | None = None,
) -> AsyncIterator[Running]:
    """Run a process until the block ends; `wrap` stands between it and the API server."""
    log, stop = io.StringIO(), asyncio.Event()
    folder = place.journals / name
    journal, listener = DecisionFile(folder), listening("0")
    outlets = Outlets(DecisionLog(log, told, as_json=True), _phrases, journal, listener)
    found = Running(folder, log, address_of(listener), stop)
    made = client or cluster_connection(place.kubeconfig)
    if wrap is not None:
        made._transport = wrap(made._transport)
    async with made:
        found.task = asyncio.ensure_future(run_controllers(made, chosen, outlets, stop, loops))
        try:
            yield found
            await found.end()
        finally:
            found.task.cancel()
            await asyncio.gather(found.task, return_exceptions=True)
            journal.close()
            listener.close()
