"""docs/guides/try-with-kubectl.md as it stands: `kingtide up` in one shell, kubectl in another."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "try-with-kubectl.md"
BLOCK = re.compile(r"^```console (first|second) shell\n(.*?)^```", re.MULTILINE | re.DOTALL)
WATCHED_SECONDS = 3
INTERRUPTED = 124
"""What `timeout` ends with when it had to end its command."""


class Command:
    """A line of the guide that begins with `$ `, and what it prints; `...` stands for any lines."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.told: list[str] = []
        self.is_watch = line.endswith(" -w")

    def script(self, number: int) -> str:
        """Return it as the shell runs it: as it is written, and a watch until it is interrupted."""
        timeout = f"timeout --signal INT {WATCHED_SECONDS} " if self.is_watch else ""
        return f"{{ {timeout}{self.line}\n}} >{number}.out 2>&1; echo $? >{number}.code\n"

    def check(self, code: int, printed: str) -> None:
        """Check how it ended, and that it printed what the guide shows, in that order."""
        assert code == (INTERRUPTED if self.is_watch else 0), f"{self.line}\n{printed}"
        rest = iter([" ".join(it.split()) for it in printed.splitlines()])
        for line in self.told:
            if line == "...":
                assert printed.strip(), self.line
            else:
                assert " ".join(line.split()) in rest, f"{self.line}\n{printed}"


def commands(shell: str) -> list[Command]:
    found: list[Command] = []
    text = "".join(text for of, text in BLOCK.findall(GUIDE.read_text("utf-8")) if of == shell)
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        else:
            found[-1].told.append(line)
    return found


@contextmanager
def first_shell(folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run the first shell's command until it is ended as the guide says: by Ctrl-C."""
    (command,) = commands("first")
    with subprocess.Popen(
        ["bash", "-c", f"exec {command.line}"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as served:
        try:
            assert served.stdout is not None
            while "Ctrl-C" not in served.stdout.readline():
                assert served.poll() is None
            yield
            served.send_signal(signal.SIGINT)
            assert served.wait(60) == 0
        finally:
            served.kill()


def test_every_command_works_as_written_and_an_end_leaves_a_report(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(tmp_path)}
    has_aws = shutil.which("aws") is not None
    written = [it for it in commands("second") if has_aws or not it.line.startswith("aws ")]
    script = "".join(it.script(number) for number, it in enumerate(written))

    with first_shell(tmp_path, environment):
        subprocess.run(
            ["bash"],
            input=script,
            cwd=tmp_path,
            env=environment,
            text=True,
            timeout=150,
            check=True,
        )

    for number, command in enumerate(written):
        code = int((tmp_path / f"{number}.code").read_text())
        command.check(code, (tmp_path / f"{number}.out").read_text())
    assert len([*tmp_path.glob("rehearsals/*/report.html")]) == 1
    assert not (tmp_path / "kingtide.kubeconfig").exists()
