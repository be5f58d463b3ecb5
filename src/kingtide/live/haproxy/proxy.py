"""Brings a running HAProxy to what is desired, and keeps it there.

Each time all is compared with what the process says of itself, so drift, a crash of either side and
a change that was not taken are the same case: a difference. Where only endpoints changed, only
their backends are compared: that is a matter of milliseconds however many others there are.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from kingtide.controllers.ingress.desired import Backend, Desired
from kingtide.controllers.ingress.free_place import ADDRESS, PORT
from kingtide.controllers.ingress.planning.blame import (
    Closed,
    blamed,
    with_closed,
    without_servers,
)
from kingtide.controllers.ingress.planning.running import Running
from kingtide.controllers.ingress.planning.shared import (
    Group,
    LeftOut,
    Lines,
    blamed_groups,
    decoded,
    encoded,
    left_out,
    shared_of,
    with_left_out,
)
from kingtide.controllers.ingress.planning.slots import Places, in_slots
from kingtide.controllers.ingress.planning.step import DeleteServer, Reload, Step
from kingtide.controllers.ingress.planning.steps import server_steps, steps
from kingtide.controllers.ingress.rendering.configuration import files, structure
from kingtide.controllers.ingress.rendering.external_auth import auth_files
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.rendering.maps import map_lines
from kingtide.controllers.ingress.rendering.tls import tls_files
from kingtide.live.haproxy.auth_files import AuthFiles
from kingtide.live.haproxy.changing import FEW, Changing
from kingtide.live.haproxy.commands import is_sayable
from kingtide.live.haproxy.disk import drop_keys, write_files
from kingtide.live.haproxy.process import (
    ConfigurationRefused,
    HaproxyProcess,
)
from kingtide.live.haproxy.runtime import Runtime, RuntimeFailed

ATTEMPTS = 20
"""Trials of one configuration. HAProxy 2.6 often ends at the first line that it cannot read, and
each of them takes 0.1 s where there are 2,000 backends."""


class Brought(msgspec.Struct, frozen=True, gc=False):
    """What bringing it there took: changes at run time, and whether a reload or a start.

    Servers that are taken away at last do not count: they retired before, and wait for connections.
    `refused` is what HAProxy said against single changes, which are tried again. `waits` where a
    reload is needed that was not allowed yet. `closed` are backends that HAProxy would not load, by
    name, with its words; they answer 503. `left_out` are sections whose lines of the ConfigMap it
    would not load, with its words; those of before hold.
    """

    changes: int = 0
    is_loaded: bool = False
    refused: tuple[str, ...] = ()
    waits: bool = False
    closed: Mapping[str, str] = {}
    left_out: Mapping[str, str] = {}


class Proxy:
    """One HAProxy in the folder of its layout; `slot_multiple` as the policy's server_slots."""

    def __init__(self, binary: str, layout: Layout, slot_multiple: int) -> None:
        self.process = HaproxyProcess(binary, layout)
        self._layout = layout
        self._multiple = slot_multiple
        self._runtime = Runtime(layout.admin_socket)
        self._auth_files = AuthFiles(layout)
        self._changing = Changing(self._runtime, layout)
        self._closed: dict[str, Closed] = {}
        self._left_out: dict[Group, LeftOut] = {}
        self._unwritten: Desired | None = None
        self._known: Running | None = None
        """How it was left; None after a failure, or where nobody has looked yet."""

    async def bring(
        self, desired: Desired, *, may_reload: bool = True, is_whole: bool = True
    ) -> Brought:
        """Bring the proxy to the desired state; whatever fails, what served goes on serving.

        Without `is_whole` it is taken to be as it was left, and only what changes is read back.
        Without `may_reload` all is done that needs none. Backends for which HAProxy refuses the
        configuration are closed, until something else is asked for them.

        Raises:
            ConfigurationRefused: HAProxy would not run with it.
            RuntimeFailed: the process does not answer, or did not take what it was told.
        """
        if await self.process.workers() is None:
            return await self._start(desired)
        known, self._known = self._known, None
        running = known if known is not None and not is_whole else await self._changing.read("")
        wanted, text, planned = self._plan(desired, running)
        needs_reload = _needs_reload(planned)
        if needs_reload and not may_reload:
            refused = await self._changing.do(_sayable(planned), map_lines(wanted))
            return self._told(Brought(_count(planned), refused=refused, waits=True))
        if needs_reload:
            wanted, text, planned = await self._tried(desired, running)
            needs_reload = _needs_reload(planned)
        if not planned:
            self._known = running
            return self._told(Brought())
        lines = map_lines(wanted)
        refused = await self._changing.do(_sayable(planned), lines)
        if needs_reload:
            await self._reload(wanted, text)
            running = await self._changing.read(text)
        else:
            running = await self._changing.read_again(running, planned)
        self._unwritten = None if needs_reload else wanted
        _sure(steps(wanted, msgspec.structs.replace(running, structure=text), text, lines))
        self._known = running
        return self._told(Brought(_count(planned), needs_reload, refused))

    async def bring_servers(self, desired: Desired, backends: Collection[str]) -> Brought:
        """Bring the servers of these backends to the desired state, and nothing else.

        Raises:
            RuntimeFailed: the process does not answer, or did not take what it was told.
        """
        desired = with_closed(desired, self._closed)
        known, self._known = self._known, None
        if len(backends) > FEW:
            running = await self._changing.read("")
        else:
            running = await self._changing.read_servers(backends)
        mine = {it: desired.backends[it] for it in backends if it in desired.backends}
        wanted = self._placed(msgspec.structs.replace(desired, backends=mine), running)
        all_of_them = server_steps(wanted, running)
        planned = _sayable(all_of_them)
        waits = len(planned) < len(all_of_them) or _lacks_places(wanted, running)
        if self._unwritten is not None or planned:
            self._unwritten = desired
        if not planned:
            self._known = known
            return self._told(Brought(waits=waits))
        refused = await self._changing.do(planned, {})
        now = await self._changing.read_servers([*wanted.backends])
        _sure(_sayable(server_steps(wanted, now)))
        if known is not None:
            servers = {**known.servers, **now.servers}
            self._known = msgspec.structs.replace(known, servers=servers)
        return self._told(Brought(_count(planned), refused=refused, waits=waits))

    async def resume(self) -> bool:
        """Start the proxy with the files of before, where it does not run; True if that was done.

        For when nothing is known of the cluster yet: what served last is better than nothing.

        Raises:
            RuntimeFailed: a master runs, and does not answer.
        """
        if not self.process.has_files or await self.process.workers() is not None:
            return False
        self._forget_states()
        try:
            await self.process.start()
        except ConfigurationRefused:
            return False
        return True

    async def keep_files(self) -> None:
        """Write the files as the proxy runs, where servers or maps changed since they were written.

        The process does not read them; who starts it with nothing known of the cluster does.
        """
        desired = self._unwritten
        if desired is None:
            return
        running = await self._changing.read("")
        wanted, text, _ = self._plan(desired, running)
        if self._loaded(text):
            await self._write(wanted)
            await asyncio.to_thread(self._drop_unused, wanted)
        self._unwritten = None  # a disk that is full now is not full for ever

    # ---------------------------------------------------------------- planning

    def _plan(self, desired: Desired, running: Running) -> tuple[Desired, str, tuple[Step, ...]]:
        """Return what is wanted with slots and closed backends, its structure, and the steps."""
        desired = with_left_out(desired, self._left_out)
        wanted = self._placed(with_closed(desired, self._closed), running)
        text = structure(wanted, self._layout)
        running = msgspec.structs.replace(running, structure=self._loaded(text))
        return wanted, text, steps(wanted, running, text)

    async def _tried(
        self, desired: Desired, running: Running
    ) -> tuple[Desired, str, tuple[Step, ...]]:
        """Return a plan whose configuration HAProxy runs with: without the lines at fault.

        Raises:
            ConfigurationRefused: it would not, and nothing can be left out for it.
        """
        self._closed = {
            name: it
            for name, it in self._closed.items()
            if name in desired.backends and it.asked == without_servers(desired.backends[name])
        }
        self._left_out = {
            group: it
            for group, it in self._left_out.items()
            if it.asked == shared_of(desired)[group]
        }
        for attempt in range(ATTEMPTS):
            wanted, text, planned = self._plan(desired, running)
            if not _needs_reload(planned):
                return wanted, text, planned  # what is left is what runs already
            try:
                await self.process.try_out(lambda layout, it=wanted: files(it, layout))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            except ConfigurationRefused as error:
                said = str(error)
                is_less = self._close(desired, wanted, said) or self._leave_out(
                    desired, wanted, said
                )
                if attempt + 1 == ATTEMPTS or not is_less:
                    raise
            else:
                return wanted, text, planned
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _close(self, desired: Desired, tried: Desired, said: str) -> bool:
        """Close the backends that a refusal names; return whether it names any that is open."""
        trial = self.process.trial()
        text = files(tried, trial)[trial.configuration]
        found = blamed(said, text, trial.configuration, desired.backends)
        new = {name: line for name, line in found.items() if name not in self._closed}
        for name, line in new.items():
            self._closed[name] = Closed(without_servers(desired.backends[name]), line)
        return bool(new)

    def _leave_out(self, desired: Desired, tried: Desired, said: str) -> bool:
        """Leave out the shared lines that a refusal is about; return whether there are any.

        What was accepted before is not known where another version wrote the folder: then the
        configuration that runs is kept, and only a start goes without those lines.
        """
        accepted = self._accepted()
        if accepted is None and self.process.is_running:
            return False
        trial = self.process.trial()
        text = files(tried, trial)[trial.configuration]
        asked = msgspec.structs.replace(desired, **dict.fromkeys(self._left_out, ()))
        new = left_out(desired, blamed_groups(said, text, trial.configuration, asked), accepted)
        self._left_out.update(new)
        return bool(new)

    def _told(self, brought: Brought) -> Brought:
        """Return what was brought, with what HAProxy would not load."""
        return msgspec.structs.replace(
            brought,
            closed={name: it.said for name, it in self._closed.items()},
            left_out={group: it.said for group, it in self._left_out.items()},
        )

    def _placed(self, desired: Desired, running: Running) -> Desired:
        """Return what is desired with servers in slots where they have to be."""
        placed = {
            name: self._in_slots(it, running) if it.needs_slots else it
            for name, it in desired.backends.items()
        }
        return msgspec.structs.replace(desired, backends=placed)

    def _in_slots(self, it: Backend, running: Running) -> Backend:
        return in_slots(it, _places(it, running), it.slots or self._multiple)

    # ---------------------------------------------------------------- loading

    async def _start(self, desired: Desired) -> Brought:
        self._known = None
        wanted, text, _ = self._plan(desired, Running())
        if not self._loaded(text):  # what was loaded before need not be tried again
            wanted, text, _ = await self._tried(desired, Running())
        await self._write(wanted)
        self._forget_states()
        await self.process.start()
        self._remember(text, wanted)
        self._unwritten = None
        return self._told(Brought(is_loaded=True))

    async def _reload(self, wanted: Desired, text: str) -> None:
        """Reload; where the new worker does not come up, the files are as they were before."""
        configuration = Path(self._layout.configuration)
        before = await asyncio.to_thread(configuration.read_text, "utf-8")
        await self._write(wanted)
        state = await self._runtime.ask("show servers state")
        await asyncio.to_thread(write_files, {self._layout.server_state: state})
        try:
            await self.process.reload()
        except ConfigurationRefused:
            await asyncio.to_thread(write_files, {str(configuration): before})
            raise
        self._remember(text, wanted)
        await asyncio.to_thread(self._drop_unused, wanted)

    async def _write(self, wanted: Desired) -> None:
        await asyncio.to_thread(lambda: write_files(files(wanted, self._layout)))

    def _drop_unused(self, wanted: Desired) -> None:
        drop_keys(self._layout, tls_files(wanted, self._layout))
        self._auth_files.drop(auth_files(wanted, self._layout))

    def _forget_states(self) -> None:
        """Take the states of servers away that were saved for a reload: they are old by now."""
        with contextlib.suppress(FileNotFoundError):
            Path(self._layout.server_state).unlink()

    @property
    def _mark(self) -> Path:
        return Path(self._layout.folder, "loaded.digest")

    def _loaded(self, text: str) -> str:
        """Return the text if it is what was loaded last, nothing if that is another or unknown."""
        with contextlib.suppress(OSError):
            if self._mark.read_text("utf-8") == _digest(text):
                return text
        return ""

    def _accepted(self) -> Mapping[Group, Lines] | None:
        """Return the shared lines that HAProxy was loaded with last, None where nobody knows."""
        with contextlib.suppress(OSError):
            return decoded(self._shared.read_text("utf-8"))
        return None

    @property
    def _shared(self) -> Path:
        return Path(self._layout.folder, "shared.json")

    def _remember(self, text: str, wanted: Desired) -> None:
        write_files({str(self._shared): encoded(shared_of(wanted)), str(self._mark): _digest(text)})


def _needs_reload(planned: tuple[Step, ...]) -> bool:
    return any(isinstance(it, Reload) or not is_sayable(it) for it in planned)


def _sayable(planned: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(it for it in planned if is_sayable(it))


def _count(planned: tuple[Step, ...]) -> int:
    return sum(not isinstance(it, DeleteServer | Reload) for it in planned)


def _sure(left: tuple[Step, ...]) -> None:
    """Refuse steps that are left; only a server that still has connections may stay for a while.

    Raises:
        RuntimeFailed: others are left.
    """
    others = [it for it in left if not isinstance(it, DeleteServer)]
    if others:
        raise RuntimeFailed(f"{len(others)} changes were not taken, the first: {others[0]}")


def _lacks_places(wanted: Desired, running: Running) -> bool:
    """Return whether servers need places that come with a reload alone."""
    return any(
        server.name not in running.servers.get(it.name, {})
        for it in wanted.backends.values()
        if it.needs_slots
        for server in it.servers
    )


def _places(backend: Backend, running: Running) -> Places:
    """Return who has which slot of a running backend; free ones count as places as well."""
    return {
        name: (it.address, it.port) if not it.is_in_maintenance else (ADDRESS, PORT)
        for name, it in running.servers.get(backend.name, {}).items()
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
