"""The frame around every command: what it prints, and what the shell is told."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from kingtide import __version__
from kingtide.cli.app import COMMANDS, Command, run

# A command module that a test writes; `run` must end it as its argument says.
ENDINGS = """
import sys
from kingtide.cli.failure import BadInput, Refused, RunFailed

def ends(how: str) -> int | None:
    '''End in the way asked for.'''
    if how == "no":
        raise Refused("unavailable.high.max_seconds is 23, expected <= 15")
    if how == "bad":
        raise BadInput("no such file", hint="name one that exists")
    if how == "failed":
        raise RunFailed("the disk is full")
    if how == "interrupted":
        raise KeyboardInterrupt
    if how == "defect":
        raise ZeroDivisionError("x")
    if how == "pipe":
        raise BrokenPipeError
    if how == "code":
        return 1
    return None
"""

RUN = """
import sys
from kingtide.cli.app import Command, run
sys.path.append(sys.argv[1])
sys.exit(run(["ends", sys.argv[2]], [Command("ends", "ends:ends", "End in the way asked for.")]))
"""


def end(folder: Path, how: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends in one way, in a process of its own."""
    (folder / "ends.py").write_text(ENDINGS, encoding="utf-8")
    command = [sys.executable, "-c", RUN, str(folder), how]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("how", "code", "stderr"),
    [
        pytest.param("well", 0, "", id="nothing returned is yes"),
        pytest.param("code", 1, "", id="a code returned is the exit code"),
        pytest.param("no", 1, "error: unavailable.high.max_seconds is 23, expected <= 15\n"),
        pytest.param("bad", 2, "error: no such file\nhint: name one that exists\n"),
        pytest.param("failed", 3, "error: the disk is full\n"),
        pytest.param("interrupted", 130, "error: interrupted\n"),
        pytest.param("pipe", 141, ""),
    ],
)
def test_a_command_ends_with_its_code_and_says_why(
    tmp_path: Path, how: str, code: int, stderr: str
) -> None:
    finished = end(tmp_path, how)
    assert (finished.returncode, finished.stderr) == (code, stderr)


def test_a_defect_shows_where_it_is_and_is_a_run_time_failure(tmp_path: Path) -> None:
    finished = end(tmp_path, "defect")
    assert finished.returncode == 3
    assert "ZeroDivisionError: x" in finished.stderr
    assert "hint: report it" in finished.stderr


def test_the_version_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr() == (f"kingtide {__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_names_every_command(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert command.name in shown
    assert command.summary in " ".join(shown.replace("│", " ").split())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_summary_is_the_first_sentence_of_the_command(command: Command) -> None:
    module, function = command.function.split(":")
    documentation = getattr(importlib.import_module(module), function).__doc__
    first = " ".join(documentation.strip().split("\n\n")[0].split())
    assert first == command.summary


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["rehaerse"], id="an unknown command"),
        pytest.param(["completion"], id="an argument is missing"),
        pytest.param(["completion", "tcsh"], id="a value that is none of the choices"),
        pytest.param(["completion", "bash", "--loud"], id="an unknown option"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_bad_input(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("error: ")
    assert "\nhint: " in output.err


def test_no_command_is_imported_before_it_is_called() -> None:
    program = (
        "import sys; from kingtide.cli.app import run; run(['--help']); "
        "heavy = ('numpy', 'matplotlib', 'pydantic', 'ruamel.yaml', 'kingtide.twin'); "
        "sys.stderr.write(' '.join(name for name in heavy if name in sys.modules))"
    )
    command = [sys.executable, "-c", program]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
