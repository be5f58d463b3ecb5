"""Changes the running process without a reload, and reads back that it took them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kingtide.controllers.ingress.planning.running import Running, RunningServer
from kingtide.controllers.ingress.planning.step import DropEntries, PutEntries, Reload, Step
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.rendering.maps import NAMES
from kingtide.live.haproxy.certificates import Certificates, CertificateStep
from kingtide.live.haproxy.commands import ServerStep, server_commands
from kingtide.live.haproxy.readback import entries_of, servers_of
from kingtide.live.haproxy.runtime import (
    MAX_REQUEST_BYTES,
    Runtime,
    RuntimeFailed,
    Unsafe,
    batches,
    word,
)

FEW = 50
"""More backends than this and all are read at once: 5,000 servers take 30 ms to read, one 1 ms."""
BOTHERED = 20
"""More changed or dropped entries than this, and the whole map is exchanged at once."""


class Changing:
    """Does the steps that need no reload."""

    def __init__(self, runtime: Runtime, layout: Layout) -> None:
        self._runtime = runtime
        self._layout = layout
        self._certificates = Certificates(runtime, layout)

    async def read(self, structure: str) -> Running:
        """Return the proxy as it runs.

        Raises:
            RuntimeFailed: it does not answer, or not in a way that can be read.
        """
        servers = servers_of(await self._runtime.ask("show servers state"))
        maps = {name: await self._entries(name) for name in NAMES}
        marks, lines = await self._certificates.read()
        return Running(structure, servers, maps, marks, lines)

    async def read_servers(self, backends: Iterable[str]) -> Running:
        """Return the servers of these backends as they run; those that do not run are left out.

        Raises:
            RuntimeFailed: it does not answer, or not in a way that can be read.
        """
        found: dict[str, Mapping[str, RunningServer]] = {}
        for name in backends:
            answer = await self._runtime.ask(f"show servers state {word(name)}")
            if answer.startswith("Can't find backend"):
                continue
            found[name] = servers_of(answer).get(name, {})
        return Running(servers=found)

    async def read_again(self, running: Running, steps: Sequence[Step]) -> Running:
        """Return the proxy as it runs after these steps; what they are not about is as it was.

        Raises:
            RuntimeFailed: it does not answer, or not in a way that can be read.
        """
        backends = dict.fromkeys(it.backend for it in steps if isinstance(it, ServerStep))
        maps = dict.fromkeys(it.map for it in steps if isinstance(it, PutEntries | DropEntries))
        if len(backends) > FEW or any(isinstance(it, CertificateStep) for it in steps):
            return await self.read(running.structure)
        now = await self.read_servers(backends)
        entries = {name: await self._entries(name) for name in maps}
        return msgspec.structs.replace(
            running,
            servers={**running.servers, **now.servers},
            maps={**running.maps, **entries},
        )

    async def _entries(self, name: str) -> Mapping[str, str]:
        answer = await self._runtime.ask(f"show map {self._layout.map(name)}")
        if answer.startswith("Unknown map"):
            return {}
        return entries_of(answer)

    async def do(
        self, steps: Sequence[Step], maps: Mapping[str, Sequence[tuple[str, str]]]
    ) -> tuple[str, ...]:
        """Do steps in their order; return what HAProxy said of them, one line each.

        `maps` are the lines of every map as it should be. What HAProxy refuses (to delete a server
        that still has connections) stays as it is, and is tried again when it is looked for again.

        Raises:
            RuntimeFailed: it does not answer.
        """
        said: list[str] = []
        waiting: list[str] = []
        for step in steps:
            if isinstance(step, ServerStep):
                waiting += server_commands(step)
                continue
            said += await self._tell(waiting)
            waiting = []
            if isinstance(step, PutEntries | DropEntries):
                await self._change(step, maps[step.map])
            elif isinstance(step, CertificateStep):
                await self._certificates.do(step)
            elif isinstance(step, Reload):
                break
        said += await self._tell(waiting)
        return tuple(said)

    async def _tell(self, commands: Iterable[str]) -> list[str]:
        said = await self._runtime.tell(commands)
        return [line for line in said if line not in ("New server registered.", "Server deleted.")]

    async def _change(
        self, step: PutEntries | DropEntries, lines: Sequence[tuple[str, str]]
    ) -> None:
        """Change a map: entry by entry where few change, otherwise as a whole in one exchange."""
        file = self._layout.map(step.map)
        if isinstance(step, PutEntries) and not step.changed:
            for payload in batches(_lines(step.added.items()), "\n", _room(file)):
                await self._sure(f"add map {file} <<\n{payload}\n")
            return
        try:
            commands = list(_entry_commands(step, file))
        except Unsafe:
            commands = []
        if not commands or len(commands) > BOTHERED:
            await self._exchange(file, lines)
            return
        await self._runtime.tell(commands)
        if isinstance(step, PutEntries) and step.added:
            for payload in batches(_lines(step.added.items()), "\n", _room(file)):
                await self._sure(f"add map {file} <<\n{payload}\n")

    async def _exchange(self, file: str, lines: Sequence[tuple[str, str]]) -> None:
        """Put a whole map in place of the one that is used, in one instant."""
        answer = await self._runtime.ask(f"prepare map {file}")
        version = answer.rpartition(":")[2].strip()
        if not version.isdecimal():
            raise RuntimeFailed(f"prepare map {file}: {answer.strip()}")
        for payload in batches(_lines(lines), "\n", _room(file)):
            await self._sure(f"add map @{version} {file} <<\n{payload}\n")
        stored = entries_of(await self._runtime.ask(f"show map @{version} {file}"))
        if len(stored) != len(lines):
            raise RuntimeFailed(f"{file}: {len(lines)} entries were sent, {len(stored)} are stored")
        await self._sure(f"commit map @{version} {file}")

    async def _sure(self, request: str) -> None:
        answer = await self._runtime.ask(request)
        if answer.strip():
            raise RuntimeFailed(f"{request.splitlines()[0]}: {answer.strip()[:200]}")


def _lines(entries: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"{key} {value}" for key, value in entries)


def _room(file: str) -> int:
    return MAX_REQUEST_BYTES - len(file.encode()) - 100


def _entry_commands(step: PutEntries | DropEntries, file: str) -> Iterable[str]:
    if isinstance(step, PutEntries):
        return [f"set map {file} {word(key)} {word(to)}" for key, to in step.changed.items()]
    return [f"del map {file} {word(key)}" for key in step.keys]
