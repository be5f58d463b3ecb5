"""One evening as real processes: `kingtide rehearse`, `kingtide up` with `kingtide run --all`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.evenings import Evening, read_evening
from kingtide.control.action import SetDesiredCapacity
from kingtide.control.decision_entry import DecisionEntry
from kingtide.roster.journal import decode_journal

Popen = subprocess.Popen[bytes]
KINGTIDE = (sys.executable, "-c", "from kingtide.cli import main; main()")
LEASE = "kingtide-system/kingtide"
START_SECONDS = 120
"""For the warm-up and the first words of a process, on a machine that has other things to do."""


class Asked(msgspec.Struct, frozen=True):
    """Which evening: `scenario` is its folder, with `fleet` in it, and `cluster` the fleet's."""

    scenario: Path
    cluster: str
    seed: int
    speed: float
    settings: tuple[str, ...] = ()

    @property
    def options(self) -> list[str]:
        """What both commands are given."""
        settings = [option for it in self.settings for option in ("--set", it)]
        return [str(self.scenario), "--seed", str(self.seed), *settings]


class Served(msgspec.Struct, frozen=True):
    """An evening that a process of its own brought, with what was lost of the twin's time."""

    evening: Evening
    decisions: tuple[DecisionEntry, ...]
    lost_seconds: float
    wall_seconds: float


def rehearse(asked: Asked, folder: Path) -> Evening:
    """Rehearse the evening in one process."""
    command = [*KINGTIDE, "rehearse", *asked.options, "--out", str(folder), "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode > 1:  # 1 says that an expectation of the scenario is not met
        raise SystemExit(f"error: {' '.join(command)}\n{done.stderr}")
    journal = decode_journal((folder / "decisions.jsonl").read_bytes())
    return read_evening(folder, first_on_demand_ms(journal))


def serve(asked: Asked, folder: Path) -> Served:
    """Serve the evening, and have a process of its own run it."""
    began = time.monotonic()
    up = [*KINGTIDE, "up", *asked.options, "--demo-peak", "--controllers", "none"]
    up += ["--wait-for-lease", LEASE, "--until-end", "--speed", str(asked.speed)]
    with (folder / "up.txt").open("w+") as told:
        with subprocess.Popen([*up, "--out", "report"], cwd=folder, stdout=told) as served:
            try:
                with beside(asked, folder, environment_of(folder, served)) as runs:
                    while served.poll() is None and runs.poll() is None:
                        time.sleep(0.1)
            finally:
                if served.poll() is None:
                    served.send_signal(signal.SIGTERM)
        told.seek(0)
        lost_seconds = _lost_seconds(told.read())
    if served.returncode != 0:
        raise SystemExit(f"error: kingtide up ended with {served.returncode}")
    journal = decode_journal((folder / "journal" / "decisions.jsonl").read_bytes())
    report = folder / "report"
    evening = read_evening(report, first_on_demand_ms(journal))
    return Served(evening, tuple(journal), lost_seconds, time.monotonic() - began)


def first_on_demand_ms(journal: Iterable[DecisionEntry]) -> int | None:
    """Return when an on-demand group was first given more instances, None when never."""
    return min(
        (
            entry.at_ms
            for entry in journal
            for it in entry.outcomes
            if isinstance(it.action, SetDesiredCapacity)
            and it.status == "done"
            and it.action.group.startswith("on-demand")
            and it.action.desired > it.action.expected_desired
        ),
        default=None,
    )


@contextmanager
def beside(asked: Asked, folder: Path, environment: dict[str, str]) -> Iterator[Popen]:
    """Run the cluster's controllers in a process of their own; it was still there at the end.

    Raises:
        SystemExit: it ended before it was told to.
    """
    run = [*KINGTIDE, "run", "--all", "--cluster", asked.cluster, "--clock", "server"]
    run += ["--fleet", str(asked.scenario / "fleet"), "--kubeconfig", "kingtide.kubeconfig"]
    file = folder / "run.txt"
    with file.open("w") as told:
        command = [*run, "--out", "journal"]
        with subprocess.Popen(command, cwd=folder, env=environment, stderr=told) as runs:
            try:
                yield runs
                early = runs.poll()
            finally:
                runs.terminate()
    if early is not None:
        raise SystemExit(f"error: kingtide run ended with {early}\n{file.read_text()[-2_000:]}")


def environment_of(folder: Path, served: Popen) -> dict[str, str]:
    """Return AWS' variables on top of our own environment, as soon as they are written.

    Raises:
        SystemExit: the twin does not start.
    """
    file, ends = folder / "kingtide.aws.env", time.monotonic() + START_SECONDS
    while not file.is_file():
        if served.poll() is not None or time.monotonic() > ends:
            raise SystemExit("error: kingtide up did not start")
        time.sleep(0.05)
    found = dict(line.split("=", 1) for line in file.read_text().splitlines())
    return {**os.environ, **found}


def _lost_seconds(told: str) -> float:
    """Return what `kingtide up` says that it was late at the end."""
    for line in told.splitlines():
        if line.startswith("The cluster was ") and " s late" in line:
            return float(line.split()[3])
    return 0.0


def machine_load() -> Sequence[float]:
    """Return the machine's load averages: what else went on."""
    return os.getloadavg()
