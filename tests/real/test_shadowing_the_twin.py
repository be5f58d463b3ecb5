"""`kingtide shadow`, a process of its own, beside `kingtide up` whose own controller autoscales."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kingtide.operate.shadowing.board_file import read_board
from tests.small_rehearsal import SCENARIO, with_lines, write_small

KINGTIDE = [sys.executable, "-c", "from kingtide.cli import main; main()"]
KUBECTL = str(Path(sys.executable).with_name("kubectl"))
SPEED = 20
PATIENCE_SECONDS = 120
"""For a process to start, and to see what it waits for, on a machine that is busy."""
BEGUN = "looking\n"
"""How the shadow's own word ends that it sees everything."""
BEGINS = json.dumps(
    {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "begun", "namespace": "jobs"},
        "spec": {"holderIdentity": "this-test"},
    }
)
"""Time stands still until this is written: whoever starts slowly misses nothing."""
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
    up += ["--wait-for-lease", "jobs/begun"]
    with subprocess.Popen(
        [*up, "--audit", "audit.jsonl", "--out", "report"], cwd=folder, stdout=subprocess.DEVNULL
    ) as served:
        try:
            environment = folder / "kingtide.aws.env"
            _wait_until(environment.is_file, served)
            variables = dict(line.split("=", 1) for line in environment.read_text().splitlines())
            shadow = [*KINGTIDE, "shadow", "--cluster", "prod", "--fleet", "fleet", "--json"]
            shadow += ["--kubeconfig", "kingtide.kubeconfig", "--clock", "server", "--quiet"]
            errors = folder / "errors"
            with (
                errors.open("w") as said,
                subprocess.Popen(
                    [*shadow, "--out", "score"],
                    cwd=folder,
                    env={**os.environ, **variables},
                    stdout=subprocess.PIPE,
                    stderr=said,
                    text=True,
                ) as shadowing,
            ):
                _wait_until(lambda: errors.read_text().endswith(BEGUN), shadowing)
                _begin(folder)
                _wait_until(lambda: _is_matched(folder), shadowing)
                shadowing.terminate()
                told, _ = shadowing.communicate(timeout=60)
            assert shadowing.returncode == 0, errors.read_text()
            assert variables["AWS_SECRET_ACCESS_KEY"] not in told + errors.read_text()
            (folder / "told.json").write_text(told)
        finally:
            served.kill()  # nobody reads its report
            served.wait(60)
    return folder


def _wait_until(holds: Callable[[], bool], of: subprocess.Popen[Any]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert of.poll() is None, "it has ended"
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.1)


def _begin(folder: Path) -> None:
    line = [KUBECTL, "--kubeconfig", str(folder / "kingtide.kubeconfig"), "create", "-f", "-"]
    subprocess.run(line, input=BEGINS, text=True, check=True, capture_output=True, timeout=60)


def _is_matched(folder: Path) -> bool:
    board = read_board(folder / "score")
    return board is not None and board.ours.both > 0


def test_nothing_that_a_shadow_sends_writes(folder: Path) -> None:
    # The server writes a line for each write, its own controller's excepted, which sends none.
    (ours,) = (folder / "audit.jsonl").read_text().splitlines()
    assert "kubectl" in ours, "by which time began"


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
