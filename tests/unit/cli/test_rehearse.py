from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from kingtide.rehearsal.summary import decode_summary
from tests.small_rehearsal import SCENARIO, with_lines, write_small

FILES = ["decisions.jsonl", "report.html", "report.png", "series.csv", "summary.json"]


def contents(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_rehearsal_prints_its_figures_and_writes_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(["rehearse", str(write_small(tmp_path)), "--out", str(out)]) == ExitCode.YES
    assert contents(out) == FILES
    printed = capsys.readouterr()
    assert any(line.startswith("web ") for line in printed.out.splitlines())
    assert str(out / "report.html") in printed.out
    assert printed.err == ""


def test_without_a_folder_files_go_below_rehearsals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["rehearse", ".", "--until", "20:01", "--seed", "3", "--quiet"]) == ExitCode.YES
    assert contents(tmp_path / "rehearsals" / "small-seed-3") == FILES
    assert capsys.readouterr().out == ""


def test_json_is_the_summary_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    path = write_small(tmp_path)
    arguments = ["rehearse", str(path), "--out", str(out), "--json", "--until", "20:02"]
    assert run(arguments) == ExitCode.YES
    printed = capsys.readouterr().out
    assert printed == (out / "summary.json").read_text()
    assert json.loads(printed)["seed"] == 7


def test_mistakes_are_told_all_at_once_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    path = write_small(tmp_path, scenario=with_lines(SCENARIO, ("max: 60", "max: 5")))
    code = run(["rehearse", str(path), "--out", str(out), "--set", "polices.hpa.target=0.7"])
    assert code == ExitCode.BAD_INPUT
    assert capsys.readouterr().err.replace(f"{tmp_path}/", "").splitlines() == [
        "error: 2 mistakes, nothing was run",
        "  --set polices.hpa.target=0.7: spec.polices: unknown field; did you mean 'policies'?",
        (
            "  rehearsal.yaml:22:18: spec.applications.web.hpa.min: min 6 is above max 5;"
            " write 5 or less, or raise max"
        ),
    ]
    assert not out.exists()


def test_a_failed_expectation_is_named_with_both_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = with_lines(SCENARIO, ("pending.high.max_seconds <= 10min", "nodes.max.spot <= 1"))
    path = write_small(tmp_path, scenario=changed)
    code = run(["rehearse", str(path), "--out", str(tmp_path / "out"), "--quiet"])
    assert code == ExitCode.NO
    error = capsys.readouterr().err
    nodes = decode_summary((tmp_path / "out" / "summary.json").read_bytes()).figures
    value = nodes["nodes.max.spot"].value
    assert value is not None
    assert error.splitlines() == [
        "error: 1 expectation is not met",
        (
            f"  expected nodes.max.spot <= 1, but nodes.max.spot is {value:g} nodes"
            " (most Ready spot nodes)"
        ),
    ]


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(tmp_path).rename(tmp_path / "base.yaml")
    for name in ("one", "two"):
        text = f"extends: base.yaml\nmetadata: {{name: {name}}}\nspec: {{duration: 1m}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    out = tmp_path / "out"
    out.mkdir()
    (out / "two-seed-7").write_text("in the way of the second report")
    assert run(["rehearse", str(tmp_path), "--out", str(out)]) == ExitCode.RUN_FAILED
    assert [path.name for path in out.iterdir()] == ["two-seed-7"]
    assert "cannot be written" in capsys.readouterr().err


def test_a_folder_of_scenarios_runs_them_all_and_compares_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(tmp_path).rename(tmp_path / "base.yaml")
    for name in ("one", "two"):
        text = f"extends: base.yaml\nmetadata: {{name: {name}}}\nspec: {{duration: 1m}}\n"
        text += "apiVersion: fleet.kingtide.dev/v1alpha1\nkind: Rehearsal\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    out = tmp_path / "out"
    assert run(["rehearse", str(tmp_path), "--out", str(out)]) == ExitCode.YES
    assert contents(out) == ["one-seed-7", "two-seed-7"]
    assert contents(out / "one-seed-7") == FILES
    assert run(["rehearse", str(tmp_path), "--out", str(out), "--json"]) == ExitCode.YES
    printed = capsys.readouterr().out
    assert [s["name"] for s in json.loads(printed[printed.index("[\n") :])] == ["one", "two"]


def test_mistakes_in_any_scenario_of_a_folder_keep_all_from_running(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(tmp_path).rename(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").write_text(with_lines(SCENARIO, ("seed: 7", "sed: 7")))
    assert run(["rehearse", str(tmp_path), "--out", str(tmp_path / "out")]) == ExitCode.BAD_INPUT
    assert "b.yaml:11:3: spec.sed: unknown field; did you mean 'seed'?" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_small(tmp_path)
    code = run(["rehearse", str(path), "--out", str(path), "--until", "20:01", "--quiet"])
    assert code == ExitCode.RUN_FAILED
    assert "hint: name another folder with --out" in capsys.readouterr().err


def test_interrupting_leaves_a_marked_partial_report(tmp_path: Path) -> None:
    # Long enough to be interrupted, whatever the machine.
    changed = with_lines(
        SCENARIO, ("duration: 20m", "duration: 480h"), ("warmUp: 2m", "warmUp: 0s")
    )
    path, out = write_small(tmp_path, scenario=changed), tmp_path / "out"
    command = [sys.executable, "-c", "from kingtide.cli import main; main()", "rehearse"]
    process = subprocess.Popen(
        [*command, str(path), "--out", str(out)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert process.stderr is not None
    process.stderr.readline()  # the first line of progress: it is running
    process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    printed, _ = process.communicate(timeout=10)
    assert process.returncode == ExitCode.INTERRUPTED
    assert contents(out) == FILES
    summary = decode_summary((out / "summary.json").read_bytes())
    assert summary.partial
    assert summary.start_ms < summary.reached_ms < summary.end_ms
    assert "Partial run: stopped at" in printed
