"""`kingtide shadow`, a process of its own, beside `kingtide up` whose own controller autoscales."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kingtide.operate.shadowing.board_file import read_board
from tests.small_rehearsal import SCENARIO, with_lines, write_small

KINGTIDE = [sys.executable, "-c", "from kingtide.cli import main; main()"]
SPEED = 30
SOON = "time,cores\n20:00:00,4\n20:00:30,16\n20:20:00,16\n"
"""More than two nodes take, half a minute after the cluster is served."""
LATE = with_lines(
    SCENARIO,
    ("nodeAutoscaling: {", "nodeAutoscaling: {newPodScaleUpDelay: 90s, "),
)
"""The other asks for nodes ninety seconds later than it could: longer than anything that a slow
machine adds at this speed, so that ours are first whatever happens."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a shadow kept score for some minutes of a cluster's time, and where its audit is."""
    folder = tmp_path_factory.mktemp("shadow")
    write_small(folder, scenario=LATE, demand=SOON)
    up = [*KINGTIDE, "up", "rehearsal.yaml", "--demo-peak", "--speed", str(SPEED), "--quiet"]
    with subprocess.Popen(
        [*up, "--audit", "audit.jsonl", "--out", "report"], cwd=folder, stdout=subprocess.DEVNULL
    ) as served:
        try:
            environment = folder / "kingtide.aws.env"
            ends = time.monotonic() + 60
            while not environment.is_file() and time.monotonic() < ends:
                assert served.poll() is None
                time.sleep(0.1)
            variables = dict(line.split("=", 1) for line in environment.read_text().splitlines())
            shadow = [*KINGTIDE, "shadow", "--cluster", "prod", "--fleet", "fleet", "--json"]
            shadow += ["--kubeconfig", "kingtide.kubeconfig", "--clock", "server", "--quiet"]
            with subprocess.Popen(
                [*shadow, "--out", "score"],
                cwd=folder,
                env={**os.environ, **variables},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            ) as shadowing:
                _wait_for_a_match(folder, shadowing)
                shadowing.terminate()
                told, errors = shadowing.communicate(timeout=60)
                assert shadowing.returncode == 0, errors
                assert variables["AWS_SECRET_ACCESS_KEY"].encode() not in told + errors
                (folder / "told.json").write_bytes(told)
        finally:
            served.kill()  # nobody reads its report
            served.wait(60)
    return folder


def _wait_for_a_match(folder: Path, shadowing: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 90
    while time.monotonic() < ends and shadowing.poll() is None:
        board = read_board(folder / "score")
        if board is not None and board.ours.both:
            return
        time.sleep(0.2)


def test_nothing_that_a_shadow_sends_writes(folder: Path) -> None:
    # The server writes a line for each write, its own controller's excepted, which sends none.
    assert (folder / "audit.jsonl").read_text() == ""


def test_ours_would_have_asked_before_one_that_waits_for_ninety_seconds(folder: Path) -> None:
    board = read_board(folder / "score")
    assert board is not None
    leads = [it.lead_ms for it in board.raises if it.end == "both"]
    assert leads
    assert all(it is not None and it > 0 for it in leads)
    assert max(it or 0 for it in leads) <= 400_000
    assert board.ours.waiting_pod_ms > 0


def test_what_it_printed_is_the_scoreboard_of_its_folder(folder: Path) -> None:
    kept = json.loads((folder / "score" / "scoreboard.json").read_text())
    assert json.loads((folder / "told.json").read_text()) == kept
    assert kept["observed"]["micro_usd"] > 0
