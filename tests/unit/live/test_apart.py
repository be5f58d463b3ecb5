from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kingtide.live.apart import ends_within, has_ended, kill, start_apart

PATIENCE_SECONDS = 60.0


def state_of(process: int) -> str:
    """How the system has it, empty where there is none of that number."""
    try:
        text = Path(f"/proc/{process}/stat").read_text("utf-8")
    except OSError:
        return ""
    return text.rpartition(") ")[2][:1]


def ended(process: int) -> bool:
    return asyncio.run(ends_within(process, PATIENCE_SECONDS))


def test_a_program_is_started_in_a_session_of_its_own_and_what_it_says_is_logged(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    process = start_apart(("sh", "-c", "echo out; echo wrong >&2; exec sleep 600"), log)
    try:
        assert os.getsid(process) == process
        assert not has_ended(process)
    finally:
        assert asyncio.run(kill(process, PATIENCE_SECONDS))
    assert log.read_text().splitlines()[0] == "before"


def test_a_log_may_begin_anew(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    assert ended(start_apart(("sh", "-c", "echo out; echo wrong >&2"), log, keeps_log=False))
    assert log.read_text() == "out\nwrong\n"


def test_nothing_is_left_of_one_that_has_ended(tmp_path: Path) -> None:
    process = start_apart(("sleep", "600"), tmp_path / "log")
    assert asyncio.run(kill(process, PATIENCE_SECONDS))
    assert state_of(process) == ""
    assert has_ended(process)
    assert asyncio.run(kill(process, PATIENCE_SECONDS)), "the number is nobody's: not killed again"


def test_one_that_does_not_end_is_not_waited_for_longer(tmp_path: Path) -> None:
    process = start_apart(("sleep", "600"), tmp_path / "log")
    assert not asyncio.run(ends_within(process, 0.05))
    assert asyncio.run(kill(process, PATIENCE_SECONDS))


def test_children_that_are_waited_for_elsewhere_are_left_to_that() -> None:
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert has_ended(child.pid)
        assert child.wait(PATIENCE_SECONDS) == 7


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        start_apart((str(tmp_path / "missing"),), tmp_path / "log")
