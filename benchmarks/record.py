"""What one run of the benchmarks leaves: figures with the commit and the machine they are of."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.measure import Measurement, Workload

HISTORY = Path(__file__).parent / "history"


class Machine(msgspec.Struct, frozen=True):
    """Where it ran."""

    cpu: str
    cores: int
    python: str
    numpy: str
    system: str


class Rehearsed(msgspec.Struct, frozen=True):
    """One workload, all its runs; a target of 0 is none."""

    workload: Workload
    runs: tuple[Measurement, ...]
    target_seconds: float = 0
    target_mib: int = 0


class Record(msgspec.Struct, frozen=True):
    """All figures of one run."""

    at: str
    commit: str
    machine: Machine
    rehearsals: tuple[Rehearsed, ...]
    scheduling: dict[str, dict[str, float]]
    preemption_us: dict[str, float]
    node_autoscaling_passes_ms: dict[str, float]
    apiserver: dict[str, float] = {}
    """Empty of a record from before it was measured."""
    ingress: dict[str, float] = {}
    """Likewise."""
    running: dict[str, float] = {}
    """Likewise; of `kingtide run`."""


def this_machine() -> Machine:
    """Return the machine this runs on."""
    return Machine(
        cpu=_cpu_model(),
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        numpy=np.__version__,
        system=f"{platform.system()} {platform.machine()}",
    )


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def this_commit() -> str:
    """Return the commit of the working tree, marked where files differ from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return described.stdout.strip() or "unknown"


def now() -> str:
    """Return the time in UTC, as file names have it."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def keep(record: Record) -> Path:
    """Write a record into the history and return its path."""
    HISTORY.mkdir(exist_ok=True)
    path = HISTORY / f"{record.at}-{record.commit}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def read(path: Path) -> Record:
    """Return a record that was kept.

    Raises:
        msgspec.ValidationError: it is one of another version of the benchmarks.
    """
    return msgspec.json.decode(path.read_bytes(), type=Record)
