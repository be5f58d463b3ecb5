"""The processes of an evening: `kingtide up`, and `kingtide run --all` a few times beside it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from disturbances.connections import Door

SCENARIO = Path(__file__).parent / "evening"
QUEUE = "kingtide-interruptions"
KINGTIDE = (sys.executable, "-c", "from kingtide.cli import main; main()")
START_SECONDS = 90
"""What starting a process may take; on a busy machine it takes ten."""


class NotStarted(Exception):
    """A process ended, or said nothing, when it had to begin."""


class Twin:
    """`kingtide up` with its audit; `environment` and `kubeconfig` are how to reach it."""

    def __init__(self, folder: Path, seed: int, speed: float) -> None:
        self.folder = folder
        self.audit = folder / "audit.jsonl"
        self.kubeconfig = folder / "kingtide.kubeconfig"
        self._variables = folder / "kingtide.aws.env"
        self._log = (folder / "up.log").open("wb")
        command = [*KINGTIDE, "up", str(SCENARIO), "--controllers", "none", "--demo-peak"]
        command += ["--speed", f"{speed:g}", "--seed", str(seed), "--quiet"]
        command += ["--audit", str(self.audit), "--out", str(folder / "report")]
        self._process = subprocess.Popen(
            command, cwd=folder, stdout=self._log, stderr=subprocess.STDOUT
        )

    async def ready(self) -> None:
        """Wait until it serves.

        Raises:
            NotStarted: it does not.
        """
        ends = time.monotonic() + START_SECONDS
        while not self._variables.is_file() or not self.kubeconfig.is_file():
            if self._process.poll() is not None or time.monotonic() > ends:
                raise NotStarted(f"kingtide up did not start; {self.folder / 'up.log'} says why")
            await asyncio.sleep(0.1)

    @property
    def environment(self) -> Mapping[str, str]:
        """AWS' variables of its cloud."""
        lines = self._variables.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def is_up(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it in order, so that it leaves its report."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def server_of(kubeconfig: Path) -> tuple[str, int]:
    """Return the address of a kubeconfig's only cluster."""
    document = yaml.safe_load(kubeconfig.read_text())
    found = urlsplit(document["clusters"][0]["cluster"]["server"])
    return found.hostname or "127.0.0.1", found.port or 443


class Runner:
    """One place of a `kingtide run`, with doors of its own; `pid` is 0 while nothing runs there."""

    def __init__(self, name: str, twin: Twin) -> None:
        self.name = name
        self.starts = 0
        self.journals: list[Path] = []
        self.pids: list[int] = []
        self.ended: dict[int, int] = {}
        """The exit status of each process that ended, by its id."""
        self._twin = twin
        self._process: subprocess.Popen[bytes] | None = None
        aws = urlsplit(twin.environment["AWS_ENDPOINT_URL"])
        self.api = Door(*server_of(twin.kubeconfig))
        self.aws = Door(aws.hostname or "", aws.port or 80, self._hear)
        self.in_action = asyncio.Event()
        """Set when it asks the cloud for what it is about to change."""

    @property
    def pid(self) -> int:
        """The id of the process that runs now, 0 for none."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else 0

    async def open(self) -> None:
        """Open the doors and write the kubeconfig that leads to them."""
        await self.api.open()
        await self.aws.open()
        document = yaml.safe_load(self._twin.kubeconfig.read_text())
        document["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{self.api.port}"
        file = self._kubeconfig
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump(document))

    def start(self) -> None:
        """Start a process here."""
        self.note_end()
        self.starts += 1
        out = self._twin.folder / f"{self.name}-{self.starts}"
        self.journals.append(out / "decisions.jsonl")
        variables = dict(self._twin.environment)
        variables["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{self.aws.port}"
        command = [*KINGTIDE, "run", "--all", "--cluster", "prod", "--clock", "server"]
        command += ["--fleet", str(SCENARIO / "fleet"), "--kubeconfig", str(self._kubeconfig)]
        command += ["--queue", QUEUE, "--out", str(out)]
        with (self._twin.folder / f"{self.name}-{self.starts}.log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self._twin.folder,
                env={**os.environ, **variables},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.pids.append(self._process.pid)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process, if one runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    async def ends(self, seconds: float) -> bool:
        """Wait until the process has ended, and return whether it has."""
        ends = time.monotonic() + seconds
        while self.pid and time.monotonic() < ends:
            await asyncio.sleep(0.05)
        self.note_end()
        return not self.pid

    async def close(self) -> None:
        """End the process, whatever it takes, and close the doors."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        if not await self.ends(20):
            self.send(signal.SIGKILL)
            await self.ends(10)
        await self.api.close()
        await self.aws.close()
        self._kubeconfig.unlink(missing_ok=True)

    def note_end(self) -> None:
        """Remember how the process ended, if it did."""
        if self._process is not None and self._process.poll() is not None:
            self.ended[self._process.pid] = self._process.returncode

    @property
    def _kubeconfig(self) -> Path:
        return self._twin.folder / f"{self.name}.kubeconfig"

    def _hear(self, sent: bytes) -> None:
        """Notice the read of one group, or one instance, which comes right before its write."""
        if b"AutoScalingGroupNames.member.1=" in sent or b"InstanceIds.member.1=" in sent:
            self.in_action.set()
