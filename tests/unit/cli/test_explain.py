from __future__ import annotations

import json
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from kingtide.rehearsal.scenario.local_time import clock_text
from kingtide.rehearsal.summary import decode_summary
from kingtide.roster.journal import decode_journal
from tests.small_rehearsal import write_small


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("small")
    assert run(["rehearse", str(write_small(base)), "--out", str(base / "out"), "--quiet"]) == 0
    return base / "out"


def scale_up_time(folder: Path) -> str:
    """Return when the first nodes were asked for."""
    entries = decode_journal((folder / "decisions.jsonl").read_bytes())
    entry = next(e for e in entries if e.controller == "node_autoscaling" and e.actions)
    return clock_text(entry.at_ms, "Europe/Paris")


def test_a_decision_is_told_in_sentences(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = scale_up_time(folder)
    assert run(["explain", str(folder), "--at", at, "--window", "2s"]) == ExitCode.YES
    printed = capsys.readouterr().out
    assert f"{at} node_autoscaling\n" in printed
    assert "chose: " in printed
    assert "asked spot-nodes-workers-4x for " in printed
    assert "  saw 3 nodes (" in printed
    assert " pod waiting\n" in printed
    assert "SetDesiredCapacity" not in printed


def test_where_nothing_was_decided_the_nearest_decisions_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--at", "20:00:01", "--window", "1s", "--controller", "node_autoscaling"]
    assert run(["explain", str(folder), *arguments]) == ExitCode.YES
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "Nothing was decided within 0.5 s of 20:00:01."
    assert printed[1] == "The nearest decisions are:"
    assert printed[3].endswith("node_autoscaling")


def test_a_time_outside_the_rehearsal_is_told_with_the_span(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = decode_summary((folder / "summary.json").read_bytes())
    start, end = (clock_text(t, summary.timezone) for t in (summary.start_ms, summary.end_ms))
    assert run(["explain", str(folder), "--at", "23:00"]) == ExitCode.YES
    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"23:00 lies outside the rehearsal, which is from {start} to {end}."
    assert run(["explain", str(folder), "--at", start]) == ExitCode.YES
    assert "outside" not in capsys.readouterr().out


def test_json_gives_lines_of_the_journal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--at", scale_up_time(folder), "--window", "2s", "--json"]
    assert run(["explain", str(folder), *arguments]) == ExitCode.YES
    lines = capsys.readouterr().out.splitlines()
    whole = (folder / "decisions.jsonl").read_text().splitlines()
    assert lines
    assert all(line in whole for line in lines)
    assert json.loads(lines[0])["controller"] in ("node_autoscaling", "overprovisioning")


def test_only_what_concerns_a_subject_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    group = "spot-nodes-workers-4x"
    arguments = ["--at", scale_up_time(folder), "--window", "20m", "--subject", group, "--json"]
    assert run(["explain", str(folder), *arguments]) == ExitCode.YES
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    subjects = [v["subject"] for line in lines for v in line["report"].get("verdicts", ())]
    groups = [action["group"] for line in lines for action in line.get("actions", ())]
    assert set(subjects) == {f"group/{group}"}
    assert set(groups) == {group}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--at", "8pm"], "error: --at: '8pm' is not a time"),
        (["--at", "20:10", "--window", "5"], "error: --window: '5' is not a duration"),
        (
            ["--at", "20:10", "--controller", "node_autoscalin"],
            (
                "error: --controller: there is no controller 'node_autoscalin'\n"
                "hint: did you mean 'node_autoscaling'?"
            ),
        ),
        (
            ["--at", "20:10", "--controller", "hpa"],
            (
                "error: --controller: there is no controller 'hpa'\n"
                "hint: did you mean 'horizontal_pod_autoscaling'?"
            ),
        ),
        (["--at", "20:10", "--subject", "zzz"], "error: nothing was decided about 'zzz'"),
    ],
)
def test_what_cannot_be_asked_is_told(
    folder: Path, arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", str(folder), *arguments]) == ExitCode.BAD_INPUT
    assert error in capsys.readouterr().err


def test_a_folder_without_a_rehearsal_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", str(tmp_path), "--at", "20:10"]) == ExitCode.BAD_INPUT
    assert "hint: name a folder that `kingtide rehearse` wrote" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "error"),
    [("summary.json", "it is no summary"), ("decisions.jsonl", "line 1 is no decision")],
)
def test_a_damaged_file_is_named(
    folder: Path, tmp_path: Path, file: str, error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("summary.json", "decisions.jsonl"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / file).write_text("{\n")
    assert run(["explain", str(tmp_path), "--at", "20:10"]) == ExitCode.BAD_INPUT
    assert error in capsys.readouterr().err
