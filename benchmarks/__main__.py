"""`python -m benchmarks`: time the evenings, say where the time goes, keep the figures."""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks import scheduling
from benchmarks.autoscaling import measure_passes
from benchmarks.measure import Measurement, Workload
from benchmarks.profile_rooms import shares_by_room

HISTORY = Path(__file__).parent / "history"
WORKLOADS = (
    Workload("4 h, 1,000 nodes, 10,000 pods", nodes=1_000, pods=10_000, hours=4),
    Workload("24 h, 300 nodes, 3,000 pods", nodes=300, pods=3_000, hours=24),
    Workload("4 h, 250 nodes, 2,500 pods", nodes=250, pods=2_500, hours=4),
    Workload("4 h, 4,000 nodes, 40,000 pods", nodes=4_000, pods=40_000, hours=4, runs=1),
)


PASS_TARGETS_MS = {"unchanged": 0.5, "pending_500": 30.0, "cold": 150.0}


def main() -> None:
    """Run every workload several times, print tables, write one JSON file."""
    console = Console()
    results = {workload.title: _runs(workload, console) for workload in WORKLOADS}
    with console.status("profile by room"):
        shares = shares_by_room(WORKLOADS[0])
    with console.status("scheduling"):
        works, preemptions = scheduling.measure_works(), scheduling.measure_preemptions()
    with console.status("node_autoscaling"):
        passes = measure_passes()
    for table in (
        _times(results),
        _counts(results),
        _profile(shares),
        *scheduling.tables(works, preemptions),
        _passes(passes),
    ):
        console.print(table)
    measured = {
        "results": results,
        "profile_percent": shares,
        "scheduling": works,
        "preemption_us": preemptions,
        "node_autoscaling_passes_ms": passes,
    }
    console.print(f"written to {_keep(measured)}")


def _runs(workload: Workload, console: Console) -> list[Measurement]:
    argument = msgspec.json.encode(workload).decode()
    runs = []
    for number in range(workload.runs):
        with console.status(f"{workload.title}: run {number + 1} of {workload.runs}"):
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.measure", argument],
                check=True,
                stdout=subprocess.PIPE,
            )
        runs.append(msgspec.json.decode(done.stdout, type=Measurement))
    if len({run.trace_hash for run in runs}) != 1:
        raise SystemExit(f"error: {workload.title}: runs of one seed differ in their trace hash")
    return runs


def _times(results: dict[str, list[Measurement]]) -> Table:
    table = Table(title="Rehearsals (median of runs)")
    for heading in ("work", "wall s", "min - max", "virtual / real", "events/s", "peak MiB"):
        table.add_column(heading, justify="left" if heading == "work" else "right")
    for title, runs in results.items():
        walls = [run.wall_seconds for run in runs]
        wall = statistics.median(walls)
        table.add_row(
            title,
            f"{wall:.2f}",
            f"{min(walls):.2f} - {max(walls):.2f}",
            f"{runs[0].virtual_seconds / wall:,.0f}",
            f"{runs[0].events / wall:,.0f}",
            f"{max(run.peak_mib for run in runs)}",
        )
    return table


def _counts(results: dict[str, list[Measurement]]) -> Table:
    table = Table(title="Work done in one run")
    table.add_column("what")
    for title in results:
        table.add_column(title, justify="right")
    names = next(iter(results.values()))[0].counts
    table.add_row("events", *(f"{runs[0].events:,}" for runs in results.values()))
    for name in names:
        table.add_row(name, *(f"{runs[0].counts[name]:,}" for runs in results.values()))
    return table


def _profile(shares: dict[str, float]) -> Table:
    table = Table(title=f"Profile by room: {WORKLOADS[0].title}")
    table.add_column("room")
    table.add_column("percent", justify="right")
    for room, percent in shares.items():
        if percent >= 0.5:
            table.add_row(room, f"{percent:.1f}")
    return table


def _passes(passes: dict[str, float]) -> Table:
    table = Table(title="Passes of node_autoscaling: 1,000 nodes, 30,000 pods, 12 groups")
    for heading in ("pass", "ms (median)", "target"):
        table.add_column(heading, justify="left" if heading == "pass" else "right")
    for name, milliseconds in passes.items():
        table.add_row(name, f"{milliseconds:.2f}", f"{PASS_TARGETS_MS[name]:g}")
    return table


def _keep(measured: dict[str, object]) -> Path:
    git = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    commit = git.stdout.strip() or "unknown"
    at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    record = {
        "at": at,
        "commit": commit,
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processor": platform.machine(),
        },
        **measured,
    }
    HISTORY.mkdir(exist_ok=True)
    path = HISTORY / f"{at}-{commit}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    main()
