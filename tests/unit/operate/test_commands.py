from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kingtide.operate import commands
from kingtide.operate.commands import Commands, NotRunnable, Result


def run(folder: Path, script: str, timeout_seconds: int = 20, **environment: str) -> Result:
    runner = Commands({"PATH": os.environ["PATH"], **environment})
    command = ("sh", "-c", script)
    return runner.run(
        command, folder=folder, timeout_seconds=timeout_seconds, log=folder / "logs" / "x.log"
    )


def test_what_a_command_says_is_kept_logged_and_cut_to_its_end(tmp_path: Path) -> None:
    result = run(tmp_path, "seq 1 100; printf end")
    assert result.succeeded
    assert result.stdout.split()[-2:] == [b"100", b"end"]
    assert result.last_lines[-1] == "end"
    assert len(result.last_lines) == commands.KEPT_LINES
    log = (tmp_path / "logs" / "x.log").read_text()
    assert log.splitlines()[0] == "$ sh -c seq 1 100; printf end"
    assert log.splitlines()[100] == "100"


def test_what_is_wrong_comes_first(tmp_path: Path) -> None:
    result = run(tmp_path, "echo all is well; echo it is not >&2; exit 3")
    assert (result.exit_code, result.last_lines) == (3, ("it is not",))
    assert result.ending == "ended with exit code 3"


def test_a_command_that_does_not_end_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    for seconds in (1, 5, 25):  # a busy machine may not have started the child within a second
        result = run(tmp_path, "sleep 600 & echo $! > child; wait", timeout_seconds=seconds)
        assert result.timed_out
        assert not result.succeeded
        if (tmp_path / "child").exists():
            break
    child = int((tmp_path / "child").read_text())
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        if not Path(f"/proc/{child}").exists() or "Z" in status(child):
            return
        time.sleep(0.05)
    raise AssertionError("the child still runs")


def status(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().split(")")[1].split()[0]


def test_a_command_asks_nobody(tmp_path: Path) -> None:
    assert run(tmp_path, "read answer || echo nobody").stdout == b"nobody\n"


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotRunnable, match="cannot be started"):
        Commands({}).run(
            (str(tmp_path / "kops"),), folder=tmp_path, timeout_seconds=1, log=tmp_path / "log"
        )


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        pytest.param("$AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG", id="of the environment"),
        pytest.param("id AKIAABCDEFGHIJKLMNOP", "AKIAABCDEFGHIJKLMNOP", id="an access key id"),
        pytest.param("password: hunter2hunter2", "hunter2hunter2", id="a password"),
        pytest.param("client-key-data: LS0tLS1CRUdJTg==", "LS0tLS1CRUdJTg==", id="a client key"),
    ],
)
def test_secrets_are_hidden_in_logs_and_messages(tmp_path: Path, said: str, secret: str) -> None:
    result = run(tmp_path, f'echo "{said}"', AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG")
    assert secret not in (tmp_path / "logs" / "x.log").read_text().split("\n", 1)[1]
    assert not any(secret in line for line in result.last_lines)
    assert "[hidden]" in result.last_lines[-1]


def test_words_that_are_no_secrets_stay(tmp_path: Path) -> None:
    assert run(tmp_path, "echo default aws", AWS_TOKEN="aws").last_lines == ("default aws",)


def test_a_log_is_its_owners_alone(tmp_path: Path) -> None:
    run(tmp_path, "true")
    assert (tmp_path / "logs" / "x.log").stat().st_mode & 0o077 == 0
