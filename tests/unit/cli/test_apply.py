"""Plans made and carried out by the command line, against stand-ins of kops and kubectl."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from kingtide.compile.plan.encode import decode_plan
from tests.unit.cli.test_compile import write
from tests.unit.cli.test_plan import GROUPS, fleet, planned
from tests.unit.compile.fleets import CLUSTER
from tests.unit.operate.bench import Bench

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fleet(tmp_path / "fleet")


def test_the_clusters_as_they_are_can_be_compared_and_changed(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From an empty state store to the fleet, by the command line alone."""
    bench = Bench(tmp_path)
    bench.has()
    for name, value in bench.options.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    tools = ["--kops", str(tmp_path / "kops"), "--kubectl", str(tmp_path / "kubectl")]
    live = ["plan", "--fleet", str(folder), "--against", "live", "--exit-code", *tools]
    out = tmp_path / "x.plan.json"
    assert run([*live, "--out", str(out)]) == ExitCode.CHANGES
    assert run(["apply", str(out), "--dry-run", *tools]) == ExitCode.YES
    assert bench.calls == []
    assert "$ kops replace -f kops.yaml --force" in capsys.readouterr().out
    assert run(["apply", str(out), *tools]) == ExitCode.BAD_INPUT  # nobody there to ask
    assert run(["apply", str(out), "--yes", *tools]) == ExitCode.YES
    assert "done in" in capsys.readouterr().err
    assert run(["apply", str(out), "--yes", *tools]) == ExitCode.NO  # it is done already
    (name,) = bench.store
    (tmp_path / "kubeconfig").write_text(f"contexts: [{name}]")
    assert run(live) == ExitCode.YES
    fleet(folder, image="new")
    assert run(live) == ExitCode.CHANGES
    assert "spot-nodes-workers-4x: rolls, 1 / 4 / 9" in capsys.readouterr().out


COMMAND = "import sys; from kingtide.cli import main; sys.exit(main())"


def asked(arguments: list[str], answer: str) -> tuple[int, str]:
    """Run the command in a terminal of its own, whose user answers once; return code and output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.close(theirs)
    try:
        os.write(ours, answer.encode())
        said, _ = process.communicate(timeout=120)
    finally:
        process.kill()
        os.close(ours)
    return process.returncode, said


def test_a_terminal_is_asked_about_the_clusters_that_are_named_and_only_yes_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path)
    bench.has()
    for name, value in bench.options.environment.items():
        monkeypatch.setenv(name, value)
    folder = fleet(tmp_path / "fleet")
    write(folder, "clusters/zulu.yaml", "Cluster", "zulu", {**CLUSTER, "nodeGroups": GROUPS})
    out = tmp_path / "x.plan.json"
    assert run(["plan", "--fleet", str(folder), "--out", str(out)]) == ExitCode.YES
    tools = ["--kops", str(tmp_path / "kops"), "--kubectl", str(tmp_path / "kubectl")]
    apply = ["apply", str(out), "--cluster", "zulu", *tools]
    for answer in ("no\n", "y\n", "\n", "\x04"):
        code, said = asked(apply, answer)
        assert code == ExitCode.NO, said
        assert "Carry this out on zulu? Only `yes` does:" in said
        assert "nothing was done" in said
        assert "zulu.k8s.example.com) is made" in said
        assert "small." not in said
    assert bench.calls == []
    assert "Traceback" not in said
    code, said = asked(apply, "yes\n")
    assert code == ExitCode.YES, said
    assert list(bench.store) == ["zulu.k8s.example.com"]


def test_a_plan_that_was_edited_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.plan.json"
    planned(capsys, "--fleet", str(folder), "--out", str(out))
    out.write_bytes(out.read_bytes().replace(b"--force", b"--farce"))
    assert run(["apply", str(out), "--yes"]) == ExitCode.BAD_INPUT
    assert "was changed after it was written" in capsys.readouterr().err


def test_a_rehearsal_shows_what_a_change_does_to_the_same_night(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = rehearsed_fleet(tmp_path / "old", "[[16, 1], [200, 2]]")
    new = rehearsed_fleet(tmp_path / "new", "[[16, 4], [200, 8]]")
    out, night_file = tmp_path / "x.plan.json", tmp_path / "night.yaml"
    night_file.write_text(SCENARIO.read_text().replace("duration: 30m", "duration: 5m"))
    line = ["plan", "--fleet", str(new), "--rehearse", str(night_file), "--out", str(out)]
    assert run([*line, "--against", str(old)]) == ExitCode.YES
    (night,) = decode_plan(out.read_bytes()).rehearsed
    changed = next(it for it in night.figures if it.name.startswith("unavailable."))
    assert changed.before != changed.after
    told = f"{changed.name} {changed.before} → {changed.after}"
    assert told in " ".join(capsys.readouterr().out.split())
    # Nothing else than the fleet is different: the same fleet has the same night.
    assert run([*line, "--against", str(new), "--json"]) == ExitCode.YES
    assert decode_plan(out.read_bytes()).rehearsed[0].figures == ()


SCENARIO = ROOT / "examples" / "gameday-small" / "rehearsal.yaml"


def rehearsed_fleet(folder: Path, ladder: str) -> Path:
    """Return the fleet of an example with what a cluster needs besides to be compiled."""
    shutil.copytree(SCENARIO.parent / "fleet", folder)
    for name, before, after in (
        (
            "fleet.yaml",
            "spec: {",
            "spec: {stateStore: s3://x, kubernetesVersion: 1.35.7, image: u, ",
        ),
        ("clusters/prod.yaml", "[[16, 1], [200, 2], [500, 4]]", ladder),
        ("clusters/prod.yaml", "  zones:", "  controlPlane: {instanceType: m5.large}\n  zones:"),
        (
            "clusters/prod.yaml",
            "  zones:",
            "  network: {cidr: 10.0.0.0/16, pods: calico}\n  zones:",
        ),
    ):
        text = (folder / name).read_text()
        assert before in text
        (folder / name).write_text(text.replace(before, after, 1))
    return folder
