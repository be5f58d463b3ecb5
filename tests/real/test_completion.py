"""Completion works in the real shells: a line is begun, the tab key pressed, the answer read."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kingtide.cli.app import COMMANDS

BIN = Path(sys.executable).parent

# bash: what readline does for a word, without a terminal.
BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
$(complete -p kingtide | sed -E 's/.*-F ([^ ]+).*/\\1/') kingtide "${COMP_WORDS[COMP_CWORD]}" ""
printf '%s\\n' "${COMPREPLY[@]}"
"""

# zsh: a zsh inside a pseudo-terminal, as completion runs only in its line editor. The inner one
# loads the script from a folder of $fpath, as a user's would; without the expected answer the outer
# one waits until its time is up.
ZSH = r"""
zmodload zsh/zpty
zpty inner "zsh -f -i"
zpty -w inner "fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -d $1/dump; print REA''DY"
zpty -r -m inner reply '*READY*'
zpty -w -n inner "$2"$'\t'
zpty -r -m inner reply "*$3*"
zpty -d inner
"""
ZSH_TIMEOUT_SECONDS = 60  # an idle machine needs a tenth of a second


@functools.cache
def script(shell: str) -> str:
    """The completion script as the command prints it, which asks every command of its options."""
    command = [str(BIN / "kingtide"), "completion", shell]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def shell_or_skip(name: str) -> str:
    """The shell's path."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (make test installs it where it may)")
    return path


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        pytest.param(["kingtide", ""], [command.name for command in COMMANDS], id="the commands"),
        pytest.param(["kingtide", "complet"], ["completion"], id="the rest of a command"),
        pytest.param(["kingtide", "completion", "z"], ["zsh"], id="a value out of a choice"),
    ],
)
def test_bash_completes(tmp_path: Path, words: list[str], choices: list[str]) -> None:
    bash = shell_or_skip("bash")
    file = tmp_path / "kingtide"
    file.write_text(script("bash"), encoding="utf-8")
    command = [bash, "--norc", "-c", BASH, "bash", str(file), *words]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert finished.stderr == ""
    assert set(choices) <= set(finished.stdout.split())


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        pytest.param("kingtide complet", "kingtide completion", id="the rest of a command"),
        pytest.param("kingtide completion z", "kingtide completion zsh", id="a value"),
    ],
)
def test_zsh_completes(tmp_path: Path, typed: str, shown: str) -> None:
    zsh = shell_or_skip("zsh")
    # The name that zsh autoloads is that of the function in the script.
    (tmp_path / "_cyclopts_kingtide").write_text(script("zsh"), encoding="utf-8")
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        "TERM": "dumb",
    }
    command = [zsh, "-f", "-c", ZSH, "zsh", str(tmp_path), typed, shown]
    finished = subprocess.run(
        command, env=environment, capture_output=True, timeout=ZSH_TIMEOUT_SECONDS, check=False
    )
    assert (finished.returncode, finished.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("shell", "start_up", "loaded"),
    [
        pytest.param("bash", ".bashrc", ".local/share/bash-completion/completions/kingtide"),
        pytest.param("zsh", ".zshrc", ".zsh/completions/_cyclopts_kingtide"),
    ],
)
def test_installing_writes_the_script_and_names_it_at_start_up(
    tmp_path: Path, shell: str, start_up: str, loaded: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if "ZSH" not in name}
    finished = subprocess.run(
        [str(BIN / "kingtide"), "completion", shell, "--install"],
        env={**environment, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert str(tmp_path / loaded) in finished.stdout
    assert (tmp_path / loaded).read_text(encoding="utf-8") == script(shell)
    assert str((tmp_path / loaded).parent) in (tmp_path / start_up).read_text(encoding="utf-8")
