from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from kingtide.cli import examples
from kingtide.cli.app import COMMANDS, Command, build, run
from kingtide.cli.examples import Example
from kingtide.cli.failure import ExitCode
from kingtide.rehearsal.collection import COMPARISON_FILE
from kingtide.rehearsal.comparison.read import Choice, read_comparison

ROOT = Path(__file__).resolve().parents[3]
EVERY = [example for command in COMMANDS for example in command.examples]


def words(example: Example) -> list[str]:
    """Return the command line as a shell splits it, without the program's name."""
    return shlex.split(example.command.replace("\\\n", ""))[1:]


def test_every_command_has_examples() -> None:
    assert [command.name for command in COMMANDS if not command.examples] == []
    assert all(example in EVERY for example in examples.ALL)


@pytest.mark.parametrize("example", EVERY, ids=lambda one: one.command)
def test_an_example_is_a_command_line_that_makes_sense(example: Example) -> None:
    command, _, _ = build().parse_args(words(example), print_error=False, exit_on_error=False)
    assert command.__name__.rstrip("_") == words(example)[0]


def test_the_examples_of_an_evening_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "examples" / "prime-time", tmp_path / "examples" / "prime-time")
    monkeypatch.chdir(tmp_path)
    for example in (*examples.REHEARSE, *examples.EXPLAIN, *examples.EXPLAIN_VALUE):
        line = words(example)
        if "examples/article" in line:
            continue  # a minute on a busy machine; the next test asks for its row
        line = [word.replace("/tmp/", f"{tmp_path}/out-") for word in line]
        assert run(line) == ExitCode.YES, example
        printed = capsys.readouterr()
        assert bool(printed.out) != ("--quiet" in line), example
        assert "Nothing was decided" not in printed.out, example


def test_the_examples_of_rendering_and_importing_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    for example in (*examples.RENDER, *examples.IMPORT):
        line = [word.replace("/tmp/", f"{tmp_path}/") for word in words(example)]
        assert run(line) == ExitCode.YES, example
        quiet = line[0] == "render" and "--out" in line
        assert bool(capsys.readouterr().out) != quiet, example
    assert "kubernetesVersion: 1.35.8\n" in (tmp_path / "prod-customer.yaml").read_text()
    assert (tmp_path / "fleet" / "clusters" / "prod-customer.yaml").is_file()


def test_the_comparison_of_the_examples_has_the_row_asked_for() -> None:
    (line,) = (words(one) for one in examples.REHEARSE if "examples/article" in one.command)
    row = line[line.index("--row") + 1]
    path = ROOT / "examples" / "article" / COMPARISON_FILE
    plan = read_comparison(path, Choice(seeds=1, rows=(row,)))
    assert [one.name for one in plan.rows] == [row]


@pytest.mark.parametrize("command", [None, *COMMANDS], ids=lambda one: one and one.name)
def test_help_shows_examples_and_exit_codes_within_eighty_columns(
    command: Command | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run([*([command.name] if command else []), "--help"]) == ExitCode.YES
    shown = capsys.readouterr().out
    for example in command.examples if command else examples.ALL:
        first, *rest = example.command.splitlines()
        assert f"    $ {first}\n" in shown
        assert all(f"        {line}\n" in shown for line in rest)
    codes = shown[shown.index("Exit codes:") :].splitlines()[1:]
    told = [int(line.split()[0]) for line in codes]
    judges = command is None or command.judges
    unjudged = [0, 1, 2, 3] if command is not None and command.no else [0, 2, 3]
    assert told == ([0, 1, 2, 3, 130] if judges else unjudged)
    assert max(map(len, shown.splitlines())) <= 80
