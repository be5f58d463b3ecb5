"""`kingtide explain` on what `kingtide run` writes: decisions without an end."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.control.action import SetDesiredCapacity
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Report, Verdict
from kingtide.operate.running.journal import FORMER, JOURNAL, DecisionFile

NOON_MS = 1_795_348_800_000
"""2026-11-22 12:00 UTC."""
KINGTIDE = [sys.executable, "-c", "from kingtide.cli import main; main()"]


def entry(at_ms: int, desired: int) -> DecisionEntry:
    request = SetDesiredCapacity(reason="more", group="g", desired=desired, expected_desired=1)
    verdict = Verdict("pod/shop/api", "waits", "NoLongerWaiting")
    return DecisionEntry(at_ms, "node_autoscaling", Report(verdicts=(verdict,)), (request,))


def written(folder: Path, *entries: DecisionEntry) -> None:
    file = DecisionFile(folder)
    for it in entries:
        file.write(it)
    file.close()


def test_a_journal_is_explained_in_utc_and_a_time_of_day_is_the_last_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, entry(NOON_MS - 86_400_000, 7), entry(NOON_MS, 8))
    assert run(["explain", str(tmp_path), "--at", "12:00"]) == 0
    shown = capsys.readouterr().out
    assert "12:00:00 node_autoscaling" in shown
    assert "8 instances" in shown
    assert "7 instances" not in shown


def test_the_file_before_is_read_too_and_a_line_that_is_being_written_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, entry(NOON_MS - 1_000, 7))
    (tmp_path / JOURNAL).rename(tmp_path / FORMER)
    written(tmp_path, entry(NOON_MS, 8))
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(b'{"at_ms": 17')
    assert run(["explain", str(tmp_path), "--at", "12:00"]) == 0
    shown = capsys.readouterr().out
    assert "7 instances" in shown
    assert "8 instances" in shown


@pytest.mark.parametrize("name", ["node-autoscaling", "nodeAutoscaling", "node_autoscaling"])
def test_a_controller_is_found_by_each_way_of_writing_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    written(tmp_path, entry(NOON_MS, 8))
    assert run(["explain", str(tmp_path), "--at", "12:00", "--controller", name]) == 0
    assert "8 instances" in capsys.readouterr().out


def test_a_journal_in_which_nothing_was_decided_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path)
    assert run(["explain", str(tmp_path), "--at", "12:00"]) == 0
    assert capsys.readouterr().out == "Nothing has been decided yet.\n"
    assert run(["explain", str(tmp_path), "--at", "12:00", "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_following_a_controller_that_is_none_is_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, entry(NOON_MS, 8))
    assert run(["explain", str(tmp_path), "--follow", "--controller", "nodes"]) == 2
    assert "there is no controller 'nodes'" in capsys.readouterr().err


def test_a_time_outside_is_told_with_the_days_of_the_journal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, entry(NOON_MS - 86_400_000, 7), entry(NOON_MS, 8))
    assert run(["explain", str(tmp_path), "--at", "2026-11-25 12:00"]) == 0
    assert "from 2026-11-21 12:00:00 to 2026-11-22 12:00:00" in capsys.readouterr().out


def test_following_tells_what_is_written_from_now_on_over_the_end_of_a_file(tmp_path: Path) -> None:
    written(tmp_path / "journal", entry(NOON_MS, 7))
    shown = tmp_path / "shown"
    command = [*KINGTIDE, "explain", str(tmp_path / "journal"), "--follow"]
    with shown.open("w") as out, subprocess.Popen(command, stdout=out) as followed:
        try:
            ends = time.monotonic() + 60
            while "8 instances" not in shown.read_text() and time.monotonic() < ends:
                written(tmp_path / "journal", entry(NOON_MS, 8))  # it may not look yet
                time.sleep(0.2)
            (tmp_path / "journal" / JOURNAL).rename(tmp_path / "journal" / FORMER)
            written(tmp_path / "journal", entry(NOON_MS, 9))
            while "9 instances" not in shown.read_text() and time.monotonic() < ends:
                time.sleep(0.1)
        finally:
            followed.terminate()
    assert "8 instances" in shown.read_text()
    assert "9 instances" in shown.read_text()
    assert "7 instances" not in shown.read_text()


def test_a_folder_that_is_not_of_a_process_cannot_be_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", str(tmp_path), "--follow"]) == 2
    assert "no journal" in capsys.readouterr().err
