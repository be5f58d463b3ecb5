"""`kingtide run` on 1,000 nodes and 30,000 pods; `python -m benchmarks.run_at_scale` prints JSON.

Two processes, as in life: `kingtide up --controllers none` serves a generated cluster and its cloud
at the speed of life, `kingtide run --all` runs it, with token, TLS and AWS' API. A start is
measured from exec to the end of the first pass, some times. Then pods are changed a hundred times a
second, by a third process, and beside that it is measured how long new pods wait for a decision.
"""

from __future__ import annotations

import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import msgspec
import yaml

from benchmarks.cluster_at_scale import CLUSTER, Size, write_cluster
from benchmarks.process_figures import Taken, taken
from benchmarks.reactions import client_of
from benchmarks.two_processes import KINGTIDE, START_SECONDS, Popen, environment_of
from benchmarks.waiting_pods import reactions

SIZE = Size(nodes=1_000, pods=30_000)
STARTS = 3
WRITES_A_SECOND = 100
WRITING_SECONDS = 30
END_SECONDS = 30
LOOK_SECONDS = 0.005

Figures = dict[str, float]


class Start(msgspec.Struct, frozen=True):
    """What it took from exec to the end of the first pass."""

    wall_seconds: float
    taken: Taken


def main() -> None:
    """Measure and print."""
    print(json.dumps(measure(SIZE)))


def measure(size: Size, starts: int = STARTS, writing_seconds: int = WRITING_SECONDS) -> Figures:
    """Return the figures of some starts, and of changes after the last of them.

    Raises:
        SystemExit: a process ended early, or a change was not decided on.
    """
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        scenario = write_cluster(folder / "scenario", size)
        up = [*KINGTIDE, "up", str(scenario), "--controllers", "none", "--speed", "1"]
        command = [*up, "--out", "report", "--quiet"]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as served:
            try:
                environment = environment_of(folder, served)
                begun = []
                for _ in range(starts - 1):
                    with _started(folder, environment) as (_, start):
                        begun.append(start)
                with _started(folder, environment) as (process, start):
                    begun.append(start)
                    changed = _changed(folder, process, writing_seconds)
            finally:
                served.terminate()
    return {"machine_load": load, **_of_starts(begun), **changed}


@contextmanager
def _started(folder: Path, environment: dict[str, str]) -> Iterator[tuple[Popen, Start]]:
    """Run all controllers of the cluster; they have made their first pass."""
    run = [*KINGTIDE, "run", "--all", "--cluster", CLUSTER, "--clock", "server"]
    run += ["--fleet", str(folder / "scenario" / "fleet"), "--out", "journal"]
    run += ["--kubeconfig", "kingtide.kubeconfig"]
    told = folder / "run.txt"
    with told.open("wb") as errors, told.open("rb") as lines:
        began = time.monotonic()
        with subprocess.Popen(run, cwd=folder, env=environment, stderr=errors) as process:
            try:
                while b"first pass after" not in lines.readline():
                    if process.poll() is not None or time.monotonic() > began + START_SECONDS:
                        raise SystemExit(f"error: no first pass\n{told.read_text()[-2_000:]}")
                    time.sleep(LOOK_SECONDS)
                yield process, Start(time.monotonic() - began, taken(process.pid))
            finally:
                process.terminate()
                process.wait(END_SECONDS)


def _of_starts(starts: Sequence[Start]) -> Figures:
    return {
        "first_pass_wall_seconds": statistics.median(it.wall_seconds for it in starts),
        "first_pass_best_wall_seconds": min(it.wall_seconds for it in starts),
        "first_pass_cpu_seconds": statistics.median(it.taken.cpu_seconds for it in starts),
        "first_pass_peak_megabytes": max(it.taken.peak_megabytes for it in starts),
    }


def _changed(folder: Path, process: Popen, seconds: int) -> Figures:
    """Have pods change for so long, and return how the process took it."""
    with client_of(folder) as client:
        before, began = taken(process.pid), time.monotonic()
        with _writing(folder, client, seconds) as writing:
            journal = folder / "journal" / "decisions.jsonl"
            waited = sorted(reactions(client, journal, lambda: writing.poll() is None))
            written, _ = writing.communicate()
        after, wall = taken(process.pid), time.monotonic() - began
    return {
        "changes": len(waited),
        "change_p50_ms": 1000 * waited[len(waited) // 2],
        "change_p99_ms": 1000 * waited[min(len(waited) - 1, len(waited) * 99 // 100)],
        "writes": int(written),
        "writes_a_second": int(written) / seconds,
        "changing_core_percent": 100 * (after.cpu_seconds - before.cpu_seconds) / wall,
        "changed_resident_megabytes": after.resident_megabytes,
        "peak_megabytes": after.peak_megabytes,
    }


@contextmanager
def _writing(folder: Path, client: httpx2.Client, seconds: int) -> Iterator[Popen]:
    """Change pods of applications for so long, in a process of its own."""
    found = client.get("/api/v1/pods", params={"fieldSelector": "status.phase=Running"})
    keys = [it["metadata"] for it in found.raise_for_status().json()["items"]]
    names = folder / "names.json"
    names.write_text(json.dumps([(it["namespace"], it["name"]) for it in keys]))
    config = yaml.safe_load((folder / "kingtide.kubeconfig").read_text())
    cluster, token = config["clusters"][0]["cluster"], config["users"][0]["user"]["token"]
    authority = folder / "authority.pem"
    authority.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
    command = [sys.executable, "-m", "benchmarks.apiserver_clients", "write", cluster["server"]]
    command += [token, str(authority), str(names), str(seconds), str(WRITES_A_SECOND)]
    with ExitStack() as stack:
        writing = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE))
        stack.callback(writing.terminate)
        yield writing


if __name__ == "__main__":
    main()
