from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.small_rehearsal import write_small

COMMAND = [sys.executable, "-c", "from kingtide.cli import main; main()", "rehearse"]


def stderr_on_a_terminal(arguments: list[str]) -> str:
    """Return what a command shows on stderr when that is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux ends a terminal that nobody holds open with EIO
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return shown.decode()


def test_a_terminal_shows_a_bar_with_the_virtual_clock(tmp_path: Path) -> None:
    arguments = [str(write_small(tmp_path)), "--out", str(tmp_path / "out")]
    shown = stderr_on_a_terminal(arguments)
    assert "small" in shown
    assert "20:20:00" in shown


def test_quiet_shows_no_bar(tmp_path: Path) -> None:
    arguments = [str(write_small(tmp_path)), "--out", str(tmp_path / "out"), "--quiet"]
    assert stderr_on_a_terminal(arguments) == ""


def test_a_log_gets_no_line_from_a_short_run(tmp_path: Path) -> None:
    finished = subprocess.run(
        [*COMMAND, str(write_small(tmp_path)), "--out", str(tmp_path / "out"), "--until", "20:02"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stderr == ""
    assert "small" in finished.stdout
