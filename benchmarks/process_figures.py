"""What another process took so far, as Linux tells it of every process in /proc."""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

_MEMORY = re.compile(r"^(VmHWM|VmRSS):\s+(\d+) kB$", re.MULTILINE)


class Taken(msgspec.Struct, frozen=True):
    """Processor seconds of user and system; resident memory now and at its peak, in MB (10^6)."""

    cpu_seconds: float
    resident_megabytes: float
    peak_megabytes: float


def taken(process_id: int) -> Taken:
    """Return what a running process took so far.

    Source: proc_pid_stat(5) and proc_pid_status(5) of the Linux manual pages 6.9; ticks are a
    hundredth of a second on every machine we know.
    """
    folder = Path("/proc") / str(process_id)
    # The name, second and in parentheses, may hold blanks: what follows is counted from its end.
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    kibibytes = dict(_MEMORY.findall((folder / "status").read_text()))
    return Taken(
        ticks / os.sysconf("SC_CLK_TCK"),
        int(kibibytes["VmRSS"]) * 1024 / 1e6,
        int(kibibytes["VmHWM"]) * 1024 / 1e6,
    )
