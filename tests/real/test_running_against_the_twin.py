"""`kingtide run`, a process of its own, against `kingtide up --controllers none`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from kingtide.control.action import SetDesiredCapacity
from kingtide.roster.journal import decode_journal

ROOT = Path(__file__).parents[2]
KINGTIDE = [sys.executable, "-c", "from kingtide.cli import main; main()"]


def test_node_autoscaling_in_a_process_of_its_own_asks_the_twins_cloud_for_nodes(
    tmp_path: Path,
) -> None:
    scenario = ROOT / "examples" / "prime-time"
    up = [*KINGTIDE, "up", str(scenario), "--controllers", "none", "--demo-peak", "--speed", "5"]
    # Nobody has had time to give everything room before the cluster is left to others.
    up += ["--set", "warmUp=1s"]
    with subprocess.Popen(
        [*up, "--out", str(tmp_path / "report"), "--quiet"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    ) as served:
        try:
            environment = tmp_path / "kingtide.aws.env"
            ends = time.monotonic() + 60
            while not environment.is_file() and time.monotonic() < ends:
                time.sleep(0.1)
            variables = dict(line.split("=", 1) for line in environment.read_text().splitlines())
            run = [*KINGTIDE, "run", "node-autoscaling", "--cluster", "prod", "--once"]
            run += ["--fleet", str(scenario / "fleet"), "--clock", "server"]
            run += ["--kubeconfig", "kingtide.kubeconfig", "--out", "journal"]
            finished = subprocess.run(
                run,
                cwd=tmp_path,
                env={**os.environ, **variables},
                timeout=90,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            served.terminate()
            served.wait(60)
    assert finished.returncode == 0, finished.stderr
    assert variables["AWS_SECRET_ACCESS_KEY"] not in finished.stderr
    journal = decode_journal((tmp_path / "journal" / "decisions.jsonl").read_bytes())
    asked = [
        it
        for entry in journal
        for it in entry.outcomes
        if isinstance(it.action, SetDesiredCapacity) and it.status == "done"
    ]
    assert asked, finished.stderr
    assert all(str(it.action).count("spot-nodes-workers") for it in asked)
