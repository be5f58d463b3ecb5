"""Where the time of a run goes, by room: a profile's own times added up by the folder of the code.

Time inside numpy and the interpreter counts for the room that called it. Profiling slows small
functions more than large ones, so these are shares, not seconds.
"""

from __future__ import annotations

import cProfile
import pstats
from pathlib import PurePath
from typing import cast

from benchmarks.measure import Workload, rehearse

_Function = tuple[str, int, str]
_Callers = dict[_Function, tuple[int, int, float, float]]
_Stats = dict[_Function, tuple[int, int, float, float, _Callers]]


def shares_by_room(workload: Workload) -> dict[str, float]:
    """Return room -> percent of the profiled time, largest first."""
    profile = cProfile.Profile()
    profile.runcall(rehearse, workload)
    stats = cast("_Stats", pstats.Stats(profile).stats)  # type: ignore[attr-defined]  # typeshed leaves it out
    seconds: dict[str, float] = {}
    for function, (_, _, own, _, callers) in stats.items():
        room = _room(function)
        if room is not None:
            seconds[room] = seconds.get(room, 0.0) + own
            continue
        for caller, (_, _, caller_own, _) in callers.items():
            name = _room(caller) or "libraries"
            seconds[name] = seconds.get(name, 0.0) + caller_own
    total = sum(seconds.values())
    ordered = sorted(seconds.items(), key=lambda item: -item[1])
    return {room: round(100 * spent / total, 1) for room, spent in ordered}


def _room(function: _Function) -> str | None:
    parts = PurePath(function[0]).parts
    if "kingtide" not in parts:
        return None
    inner = parts[len(parts) - parts[::-1].index("kingtide") :]
    depth = 2 if inner[0] in ("twin", "controlplane", "controllers") and len(inner) > 2 else 1
    return "/".join(inner[:depth]).removesuffix(".py")
