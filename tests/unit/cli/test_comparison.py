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
from tests.small_rehearsal import with_lines
from tests.unit.rehearsal.comparison.small import COMPARISON, DOCUMENT, write_comparison

# Judged values are tried in other tests: here they would only cost time.
QUICK = COMPARISON[: COMPARISON.index("  sensitivity:\n    seeds")]


def test_the_document_gets_the_tables_and_a_second_run_writes_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_comparison(tmp_path, QUICK)
    document = tmp_path / "fidelity.md"
    assert run(["rehearse", str(tmp_path), "--jobs", "1"]) == ExitCode.YES
    first = document.read_bytes()
    assert b"| most | most pods | 30 |" in first
    assert b"\nold\n" not in first
    assert first.endswith(b"What people wrote below.\n")
    printed = capsys.readouterr().out
    assert "off by" in printed
    assert f"Document: {document}" in printed.replace("\n", "")
    assert run(["rehearse", str(tmp_path), "--jobs", "2", "--quiet"]) == ExitCode.YES
    assert document.read_bytes() == first
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


@pytest.mark.parametrize("chosen", [["--seeds", "1"], ["--row", "most"]])
def test_a_part_of_a_comparison_leaves_the_document_alone(
    tmp_path: Path, chosen: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write_comparison(tmp_path, QUICK)
    assert run(["rehearse", str(tmp_path), "--jobs", "1", *chosen]) == ExitCode.YES
    assert (tmp_path / "fidelity.md").read_text() == DOCUMENT
    assert "is left as it is" in capsys.readouterr().out.replace("\n", " ")


def test_json_holds_every_row_and_variant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_comparison(tmp_path, QUICK)
    arguments = ["rehearse", str(tmp_path), "--jobs", "1", "--seeds", "1", "--json"]
    assert run(arguments) == ExitCode.YES
    found = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in found["rows"]] == ["most", "early"]
    assert set(found["rows"][0]["variants"]) == {"plain", "hot"}
    assert found["skipped"][0]["name"] == "absent"


def test_a_row_that_is_not_as_expected_ends_with_no(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_comparison(tmp_path, with_lines(QUICK, ("resolution: 100", 'expect: "<= 2"')))
    assert run(["rehearse", str(tmp_path), "--jobs", "1", "--quiet"]) == ExitCode.NO
    error = capsys.readouterr().err
    assert error.startswith("error: 1 row is not what was expected\n  expected early <= 2, but it")


def test_a_published_figure_that_is_missed_is_no_failure(tmp_path: Path) -> None:
    write_comparison(tmp_path, with_lines(QUICK, ("value: 30, tolerance: 3", "value: 1")))
    assert run(["rehearse", str(tmp_path), "--jobs", "1", "--quiet"]) == ExitCode.YES


@pytest.mark.parametrize(
    ("document", "told"),
    [(None, "cannot be read"), ("# Ours\n", "needs the line `<!-- comparison small: begin")],
    ids=["no document", "no markers"],
)
def test_a_document_without_a_place_is_told_before_anything_is_run(
    tmp_path: Path, document: str | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_comparison(tmp_path, QUICK, document=document)
    assert run(["rehearse", str(tmp_path)]) == ExitCode.BAD_INPUT
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    "option", [["--seed", "1"], ["--set", "seed=1"], ["--until", "20:05"], ["--out", "here"]]
)
def test_what_a_comparison_says_itself_is_no_option(
    tmp_path: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write_comparison(tmp_path, QUICK)
    assert run(["rehearse", str(tmp_path), *option]) == ExitCode.BAD_INPUT
    assert f"{option[0]} cannot be used here" in capsys.readouterr().err


def test_a_single_scenario_takes_no_option_of_a_comparison(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_comparison(tmp_path, QUICK).parent / "rehearsal.yaml"
    assert run(["rehearse", str(path), "--jobs", "2"]) == ExitCode.BAD_INPUT
    assert "--jobs cannot be used here" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--jobs", "--seeds"])
def test_none_at_all_is_a_mistake(
    tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_comparison(tmp_path, QUICK)
    assert run(["rehearse", str(tmp_path), option, "0"]) == ExitCode.BAD_INPUT
    assert "runs nothing" in capsys.readouterr().err


def is_group_gone(group: int, seconds: int) -> bool:
    """Return whether a process group is empty soon; who adopts its dead may bury them late."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_ctrl_c_leaves_a_partial_table_no_document_and_no_process(tmp_path: Path) -> None:
    seeds = with_lines(QUICK, ("  seeds: 3\n", "  seeds: 400\n"))
    write_comparison(tmp_path, seeds)
    program = "from kingtide.cli.app import main; main()"
    command = [sys.executable, "-c", program, "rehearse", str(tmp_path), "--jobs", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        assert " runs" in process.stderr.readline()  # of progress: processes are at work
        os.killpg(process.pid, signal.SIGINT)
        out, error = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "PARTIAL: interrupted" in out
    assert "the comparison is partial" in out.replace("\n", " ")
    assert (tmp_path / "fidelity.md").read_text() == DOCUMENT
    assert "Traceback" not in error
    assert is_group_gone(process.pid, 60)
