"""The command as a user types it: table, JSON, files, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from tests.small_rehearsal import write_small


def test_a_game_day_without_a_finding_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = write_small(tmp_path)
    assert run(["gameday", str(scenario), "--seeds", "3", "--jobs", "1"]) == ExitCode.YES
    assert "3 seeds, nothing broken" in capsys.readouterr().out


def test_json_and_files_hold_every_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario, out = write_small(tmp_path), tmp_path / "out"
    arguments = ["gameday", str(scenario), "--seeds", "2", "--from-seed", "5", "--jobs", "1"]
    assert run([*arguments, "--json", "--out", str(out)]) == ExitCode.YES
    told = json.loads(capsys.readouterr().out)
    assert [seed["seed"] for seed in told["seeds"]] == [5, 6]
    assert json.loads((out / "gameday.json").read_text()) == told
    assert "2 seeds, nothing broken" in (out / "gameday.txt").read_text()


def test_a_broken_bound_ends_with_no_and_its_command_shows_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(tmp_path)
    # Nobody heals within a second of anything: every seed that lacks a pod at its end fails.
    (tmp_path / "gameday.yaml").write_text(
        "apiVersion: fleet.kingtide.dev/v1alpha1\nkind: GameDay\nmetadata: {name: hurried}\n"
        "spec: {bounds: {orphan: 1s}}\n"
    )
    arguments = ["gameday", str(tmp_path), "--jobs", "1", "--quiet"]
    assert run([*arguments, "--seeds", "2"]) == ExitCode.NO
    told = capsys.readouterr().err
    assert "no-instance-is-orphaned" in told
    command = next(line for line in told.splitlines() if "kingtide gameday" in line).split()
    assert run([*command[1:], "--jobs", "1", "--quiet"]) == ExitCode.NO


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--seeds", "0"], "--seeds 0 plays nothing"),
        (["--from-seed", "-1"], "--from-seed -1 is negative"),
        (["--jobs", "0"], "--jobs 0 runs nothing"),
        (["--faults", "icy"], "there is no kind of fault 'icy'"),
    ],
    ids=["no-seeds", "negative-seed", "no-jobs", "unknown-fault"],
)
def test_what_cannot_be_played_is_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    scenario = write_small(tmp_path)
    assert run(["gameday", str(scenario), *arguments]) == ExitCode.BAD_INPUT
    assert told in capsys.readouterr().err
