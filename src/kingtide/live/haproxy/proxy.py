"""Brings a running HAProxy to what is desired, and keeps it there.

Each time all is compared with what the process says of itself, so drift, a crash of either side and
a change that was not taken are the same case: a difference.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from pathlib import Path

import msgspec

from kingtide.controllers.ingress.desired import Backend, Desired
from kingtide.controllers.ingress.free_place import ADDRESS, PORT
from kingtide.controllers.ingress.planning.running import Running
from kingtide.controllers.ingress.planning.slots import Places, in_slots
from kingtide.controllers.ingress.planning.step import DeleteServer, Reload
from kingtide.controllers.ingress.planning.steps import steps
from kingtide.controllers.ingress.rendering.configuration import files, structure
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.rendering.maps import map_lines
from kingtide.live.haproxy.changing import Changing
from kingtide.live.haproxy.process import ConfigurationRefused, HaproxyProcess, write_files
from kingtide.live.haproxy.runtime import Runtime, RuntimeFailed


class Brought(msgspec.Struct, frozen=True, gc=False):
    """What bringing it there took: changes at run time, and whether a reload or a start.

    `refused` is what HAProxy said against single changes, which are tried again.
    """

    changes: int = 0
    is_loaded: bool = False
    refused: tuple[str, ...] = ()


class Proxy:
    """One HAProxy in the folder of its layout; `slot_multiple` as the policy's server_slots."""

    def __init__(self, binary: str, layout: Layout, slot_multiple: int) -> None:
        self.process = HaproxyProcess(binary, layout)
        self._layout = layout
        self._multiple = slot_multiple
        self._runtime = Runtime(layout.admin_socket)
        self._changing = Changing(self._runtime, layout)

    async def bring(self, desired: Desired) -> Brought:
        """Bring the proxy to the desired state; whatever fails, what served goes on serving.

        Raises:
            ConfigurationRefused: HAProxy would not run with it.
            RuntimeFailed: the process does not answer, or did not take what it was told.
        """
        if await self.process.workers() is None:
            return await self._start(desired)
        running = await self._changing.read("")
        wanted = self._placed(desired, running)
        text = structure(wanted, self._layout)
        running = msgspec.structs.replace(running, structure=self._loaded(text))
        planned = steps(wanted, running, text)
        if not planned:
            return Brought()
        if isinstance(planned[-1], Reload):
            await self.process.try_out(lambda layout: files(wanted, layout))
            refused = await self._changing.do(planned, map_lines(wanted))
            await self._reload(wanted, text)
        else:
            await self._write(wanted)
            refused = await self._changing.do(planned, map_lines(wanted))
        await self._verify(wanted, text)
        is_loaded = isinstance(planned[-1], Reload)
        return Brought(len(planned) - is_loaded, is_loaded, refused)

    async def _start(self, desired: Desired) -> Brought:
        wanted = self._placed(desired, Running())
        await self.process.try_out(lambda layout: files(wanted, layout))
        await self._write(wanted)
        await self.process.start()
        self._remember(structure(wanted, self._layout))
        return Brought(is_loaded=True)

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
        self._remember(text)

    async def _verify(self, wanted: Desired, text: str) -> None:
        """Compare again; only servers that still have connections may be left to take away."""
        left = [
            it
            for it in steps(wanted, await self._changing.read(text), text)
            if not isinstance(it, DeleteServer)
        ]
        if left:
            raise RuntimeFailed(f"{len(left)} changes were not taken, the first: {left[0]}")

    def _placed(self, desired: Desired, running: Running) -> Desired:
        """Return what is desired with servers in slots where they have to be."""
        placed = {
            name: in_slots(it, _places(it, running), self._multiple) if it.needs_slots else it
            for name, it in desired.backends.items()
        }
        return msgspec.structs.replace(desired, backends=placed)

    async def _write(self, wanted: Desired) -> None:
        await asyncio.to_thread(write_files, files(wanted, self._layout))

    @property
    def _mark(self) -> Path:
        return Path(self._layout.folder, "loaded.digest")

    def _loaded(self, text: str) -> str:
        """Return the text if it is what was loaded last, nothing if that is another or unknown."""
        with contextlib.suppress(OSError):
            if self._mark.read_text("utf-8") == _digest(text):
                return text
        return ""

    def _remember(self, text: str) -> None:
        write_files({str(self._mark): _digest(text)})


def _places(backend: Backend, running: Running) -> Places:
    """Return who has which slot of a running backend; free ones count as places as well."""
    return {
        name: (it.address, it.port) if not it.is_in_maintenance else (ADDRESS, PORT)
        for name, it in running.servers.get(backend.name, {}).items()
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
