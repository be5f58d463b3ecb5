"""HAProxy as a process: tried, started, reloaded, adopted, ended.

It runs as master and worker (`-W -S`), apart from whoever started it: a controller that ends or
crashes leaves it serving, and the next one adopts it.
Source: https://docs.haproxy.org/2.6/management.html#4
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.live.apart import ends_within, has_ended, kill, start_apart
from kingtide.live.haproxy.auth_files import drop_trial
from kingtide.live.haproxy.disk import drop_keys, write_files
from kingtide.live.haproxy.runtime import NoAnswer, Runtime, RuntimeFailed

START_SECONDS = 20.0
"""Within which a process has to answer: 500 backends of 42 servers take 0.3 s to parse."""
CHECK_SECONDS = 60.0
"""For `haproxy -c`."""
LOOK_SECONDS = 0.02
GIVE_UP_SECONDS = 1.0
"""For the requests of one that answers nothing. Nobody takes new ones meanwhile."""
LAST_SECONDS = 5.0
"""For a process to be gone once it was told to end at once."""
MAX_LOG_BYTES = 10_000_000
"""Of what HAProxy says of itself: lines for reloads, and for pods that its checks find dead. It is
begun anew then; whoever wants it for longer has `syslog-server`."""
KEPT_OUTPUT = 64_000
"""Characters of what HAProxy says against a configuration: a hundred bytes a line, and one a
backend that is at fault."""


class ConfigurationRefused(RuntimeError):
    """HAProxy would not run with a configuration; the message is HAProxy's."""


class Workers(msgspec.Struct, frozen=True, gc=False):
    """What the master says: its process, how often it reloaded, how often in vain, its worker."""

    master: int
    reloads: int
    failed: int
    worker: int | None


class HaproxyProcess:
    """One HAProxy in a folder. `binary` is the command's path."""

    def __init__(self, binary: str, layout: Layout) -> None:
        self._binary = binary
        self._layout = layout
        self._master = Runtime(layout.master_socket)

    # ---------------------------------------------------------------- trying

    async def try_out(self, files: Callable[[Layout], Mapping[str, str]]) -> None:
        """Check a configuration and start it for a moment, beside the one that serves.

        `-c` passes what cannot start (a limit of the process, for one), so both are done; the trial
        listens on sockets of its own folder, so that nobody's request reaches it.

        Raises:
            ConfigurationRefused: HAProxy refuses it.
        """
        trial = self.trial()
        await asyncio.to_thread(write_files, files(trial))
        try:
            await self._check(trial.configuration)
            await self._start_trial(trial)
        finally:
            await asyncio.to_thread(drop_keys, trial, ())
            await asyncio.to_thread(drop_trial, trial)

    async def _check(self, configuration: str) -> None:
        process = await asyncio.create_subprocess_exec(
            self._binary,
            "-c",
            "-f",
            configuration,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output = asyncio.ensure_future(process.communicate())
        try:
            said, _ = await asyncio.wait_for(asyncio.shield(output), CHECK_SECONDS)
        except TimeoutError as error:
            raise ConfigurationRefused("haproxy -c did not end in time") from error
        finally:
            # Also where the controller is ended meanwhile: no check goes on without it.
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await output
        if process.returncode:
            raise ConfigurationRefused(_said(said))

    async def _start_trial(self, trial: Layout) -> None:
        process = await asyncio.create_subprocess_exec(
            self._binary,
            "-db",
            "-f",
            trial.configuration,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output = asyncio.ensure_future(process.communicate())
        try:
            ends = time.monotonic() + START_SECONDS
            while not output.done() and time.monotonic() < ends:
                with contextlib.suppress(RuntimeFailed):
                    await Runtime(trial.admin_socket).ask("show info")
                    return
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            said, _ = await output
            with contextlib.suppress(OSError):
                Path(trial.admin_socket).unlink()
        raise ConfigurationRefused(f"it does not start: {_said(said)}")

    # ---------------------------------------------------------------- running

    async def workers(self) -> Workers | None:
        """Return what the master says, None where there is no master.

        A master that begins, or that executes itself anew for a reload, is waited for.

        Raises:
            NoAnswer: it is there, and says nothing for long.
        """
        ends = time.monotonic() + START_SECONDS
        while self._master_pid() is not None:
            try:
                found = workers_of(await self._master.ask("show proc; quit"))  # else it stays open
            except RuntimeFailed:
                found = None
            if found is not None and found.worker is not None:
                return found
            if time.monotonic() > ends:
                raise NoAnswer(f"{self._layout.master_socket}: the master does not answer")
            await asyncio.sleep(LOOK_SECONDS)
        return None

    @property
    def is_running(self) -> bool:
        """Whether the master process is there; costs no question."""
        return self._master_pid() is not None

    @property
    def has_files(self) -> bool:
        """Whether there is a configuration that was written before."""
        return Path(self._layout.configuration).is_file()

    def trial(self) -> Layout:
        """Return where a configuration is tried: sockets of its own, which nobody asks."""
        folder = f"{self._layout.folder}/trial"
        return msgspec.structs.replace(
            self._layout,
            folder=folder,
            http=f"unix@{folder}/http.sock",
            https=f"unix@{folder}/https.sock",
            stats=f"unix@{folder}/stats.sock",
        )

    def _master_pid(self) -> int | None:
        """Return the process that was started for this folder, None where it has ended.

        A number may belong to another process by now, so its command is looked at. It is empty for
        an instant while the master executes itself anew, and for good once it ended unwaited for.
        """
        try:
            pid = int(self._pid_file.read_text("ascii"))
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2][:1]
        except (OSError, ValueError):
            return None
        is_ours = not command or self._layout.configuration.encode() in command.split(b"\0")
        if is_ours and state == "Z":
            has_ended(pid)
        return pid if is_ours and state not in "ZX" else None

    def _bound_log(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self._log.stat().st_size > MAX_LOG_BYTES:
                os.truncate(self._log, 0)  # HAProxy appends to it, so it goes on at the beginning

    @property
    def _log(self) -> Path:
        return Path(self._layout.folder, "haproxy.log")

    @property
    def _pid_file(self) -> Path:
        return Path(self._layout.folder, "haproxy.pid")

    async def start(self) -> None:
        """Start it, apart from this process.

        Raises:
            ConfigurationRefused: it does not come up; the message is HAProxy's.
        """
        self._bound_log()
        before = self._log.stat().st_size if self._log.exists() else 0
        sockets = ("-S", f"{self._layout.master_socket},mode,600")
        pid = start_apart(
            (self._binary, "-W", *sockets, "-f", self._layout.configuration), self._log
        )
        write_files({str(self._pid_file): f"{pid}\n"})
        with contextlib.suppress(RuntimeFailed):
            if await self.workers() is not None and await self._comes_up():
                return
        await kill(pid, LAST_SECONDS)
        raise ConfigurationRefused(f"it does not start: {complaints(self._log, before)}")

    async def _comes_up(self) -> bool:
        """Return whether the worker answers soon, and its master lives."""
        ends = time.monotonic() + START_SECONDS
        while self._master_pid() is not None and time.monotonic() < ends:
            with contextlib.suppress(RuntimeFailed):
                await Runtime(self._layout.admin_socket).ask("show info")
                return True
            await asyncio.sleep(LOOK_SECONDS)
        return False

    async def reload(self) -> None:
        """Load the files; returns when the new worker answers.

        Raises:
            ConfigurationRefused: the master kept the old worker, or is not there.
        """
        before = await self.workers()
        if before is None:
            raise ConfigurationRefused("there is no master process to reload")
        self._bound_log()
        os.kill(before.master, signal.SIGUSR2)
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            now = await self.workers()
            if now is not None and now.failed > before.failed:
                raise ConfigurationRefused("the new worker did not start; the old one serves on")
            if (
                now is not None
                and now.reloads > before.reloads
                and now.worker != before.worker
                and await self._comes_up()
            ):
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise ConfigurationRefused("the reload did not end in time")

    async def give_up(self) -> None:
        """Have one that answers nothing end, and be none of ours any more: another may start.

        It may serve all the same, so it may finish what it has for a moment. Whether it can does
        not show; one that hangs would still be given connections, so it is killed then.
        """
        pid = self._master_pid()
        self._pid_file.unlink(missing_ok=True)
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGUSR1)  # it began a session of its own: its workers too
            await asyncio.sleep(GIVE_UP_SECONDS)
            os.killpg(pid, signal.SIGKILL)

    async def end(self, *, grace_seconds: float) -> None:
        """Let it finish its requests, at most for so long, and end it."""
        pid = self._master_pid()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR1)
            ends = time.monotonic() + grace_seconds
            while time.monotonic() < ends and self._master_pid() is not None:
                await asyncio.sleep(LOOK_SECONDS)
            os.kill(pid, signal.SIGTERM)
        await ends_within(pid, LAST_SECONDS)


def workers_of(answer: str) -> Workers | None:
    """Return what `show proc` says, None where it cannot be read."""
    master: list[str] = []
    workers: list[str] = []
    failed = 0
    is_old = False
    for line in answer.splitlines():
        cells = line.split()
        is_old = is_old or line.startswith("# old")
        if len(cells) < 3 or not cells[0].isdecimal():
            continue
        if cells[1] == "master":
            master = cells
            failed = int(
                "".join(char for char in line.partition("failed:")[2][:6] if char.isdigit())
            )
        elif cells[1] == "worker" and not is_old:
            workers = cells
    if not master:
        return None
    worker = int(workers[0]) if workers else None
    return Workers(int(master[0]), int(master[2]), failed, worker)


def _said(output: bytes) -> str:
    return output.decode("utf-8", "replace").strip()[-KEPT_OUTPUT:]


def complaints(log: Path, since: int) -> str:
    """Return what HAProxy said from a place of its log on: its alerts, all where there are none."""
    with log.open("rb") as file:
        file.seek(max(since, log.stat().st_size - KEPT_OUTPUT))
        said = _said(file.read())
    alerts = [line for line in said.splitlines() if line.startswith("[ALERT]")]
    return "\n".join(alerts) or said
