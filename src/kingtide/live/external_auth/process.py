"""The agent as seen by the controller: started apart from it, adopted, started again, ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.live.apart import ends_within, has_ended, kill, start_apart

MODULE = "kingtide.live.external_auth.agent"
START_SECONDS = 20.0
"""Within which it has to listen; it takes half a second on an idle machine, many on a busy one."""
LOOK_SECONDS = 0.02
MAX_LOG_BYTES = 1_000_000
"""After which its log is begun anew, at its next start: it has a few lines a minute at most."""
METRICS_SECONDS = 2.0
LAST_SECONDS = 5.0
"""For one that was killed to be gone."""
MAX_METRICS_BYTES = 1_000_000


class AgentNotStarted(RuntimeError):
    """It does not come up; the message is its own."""


class AuthAgent:
    """The agent of one folder."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    @property
    def is_wanted(self) -> bool:
        """Whether HAProxy's files of this folder have anybody asked."""
        return Path(self._layout.auth_engine).is_file()

    @property
    def is_running(self) -> bool:
        """Whether it is there; costs the reading of three small files."""
        return self.pid is not None

    @property
    def pid(self) -> int | None:
        """Return its process, None where it has ended; the number may be another's by now."""
        try:
            pid = int(Path(self._layout.auth_lock).read_text("ascii"))
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2][:1]
        except (OSError, ValueError):
            return None
        is_ours = MODULE.encode() in command and self._layout.folder.encode() in command
        if state == "Z":  # its command is gone
            has_ended(pid)
        return pid if is_ours and state not in "ZX" else None

    async def start(self) -> None:
        """Start it, apart from this process; return when it listens.

        Raises:
            AgentNotStarted: it does not.
        """
        folder = Path(self._layout.folder)
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "auth.log"
        is_long = log.is_file() and log.stat().st_size > MAX_LOG_BYTES
        command = (sys.executable, "-m", MODULE, self._layout.folder, str(self._layout.threads))
        process = start_apart(command, log, keeps_log=not is_long)
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends and not has_ended(process):
            if self.pid is not None and await self._listens():
                return
            await asyncio.sleep(LOOK_SECONDS)
        await kill(process, LAST_SECONDS)
        raise AgentNotStarted(f"it does not start: {_tail(log)}")

    async def _listens(self) -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_unix_connection(self._layout.auth_socket)
            writer.close()
            return True
        return False

    async def end(self, *, grace_seconds: float) -> None:
        """Let it answer what is open, and end it."""
        pid = self.pid
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            ends = time.monotonic() + grace_seconds
            while time.monotonic() < ends and self.pid == pid:
                await asyncio.sleep(LOOK_SECONDS)
            if self.pid == pid:
                os.kill(pid, signal.SIGKILL)
        await ends_within(pid, LAST_SECONDS)

    async def metrics(self) -> bytes:
        """Return what it counts, nothing where it does not run."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(METRICS_SECONDS):
                reader, writer = await asyncio.open_unix_connection(
                    self._layout.auth_metrics_socket
                )
                try:
                    return await _all_of(reader)
                finally:
                    writer.close()
        return b""


async def _all_of(reader: asyncio.StreamReader) -> bytes:
    parts, size = [], 0
    while part := await reader.read(1 << 16):
        parts.append(part)
        size += len(part)
        if size > MAX_METRICS_BYTES:
            return b""
    return b"".join(parts)


def _tail(log: Path) -> str:
    return log.read_bytes()[-2_000:].decode("utf-8", "replace").strip()
