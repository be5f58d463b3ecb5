"""Packages are installed where that is allowed; elsewhere the command is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from setup import apt


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole path: commands the test puts there, and the few they need."""
    for name in ("env", "sh", "true"):
        (tmp_path / name).symlink_to(f"/bin/{name}" if name == "sh" else f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put(commands: Path, name: str, body: str) -> None:
    file = commands / name
    file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    file.chmod(0o755)


def log_of(commands: Path) -> list[str]:
    return (commands / "log").read_text(encoding="utf-8").splitlines()


def test_root_updates_the_lists_and_installs_without_questions(commands: Path) -> None:
    put(commands, "apt-get", f'echo "$DEBIAN_FRONTEND $*" >> {commands}/log')
    assert apt.install(["chromium", "zsh"], is_root=True)
    assert log_of(commands) == [
        "noninteractive update -q",
        (
            "noninteractive install -y -q --no-install-recommends "
            "-o DPkg::Lock::Timeout=120 chromium zsh"
        ),
    ]


def test_sudo_is_used_where_it_asks_for_no_password(commands: Path) -> None:
    put(commands, "apt-get", f'echo "$1" >> {commands}/log')
    put(commands, "sudo", f'echo "sudo $*" >> {commands}/log; shift; exec "$@"')
    assert apt.install(["zsh"], is_root=False)
    assert log_of(commands)[:3] == [
        "sudo -n true",
        "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get update -q",
        "update",
    ]


@pytest.mark.parametrize(
    "has_sudo", [pytest.param(True, id="sudo wants a password"), pytest.param(False, id="no sudo")]
)
def test_without_the_right_the_command_is_shown(
    commands: Path, capsys: pytest.CaptureFixture[str], has_sudo: bool
) -> None:
    put(commands, "apt-get", f"echo called >> {commands}/log")
    if has_sudo:
        put(commands, "sudo", "exit 1")
    assert not apt.install(["zsh"], is_root=False)
    assert "apt-get install -y --no-install-recommends zsh" in capsys.readouterr().out
    assert not (commands / "log").exists()


def test_a_failing_apt_get_is_told_with_its_last_words(
    commands: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(commands, "apt-get", "echo E: Unable to locate package; exit 100")
    assert not apt.install(["zsh"], is_root=True)
    output = capsys.readouterr()
    assert "Unable to locate package" in output.err
    assert "could not install zsh" in output.out


def test_another_distribution_is_told_the_names(
    commands: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.is_dir()
    assert not apt.install(["zsh"], is_root=True)
    assert "install by your own means: zsh" in capsys.readouterr().out
