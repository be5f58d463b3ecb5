"""The guides' commands run as they stand in the text."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[str]:
    """The lines of a page's console blocks that begin with `$ kingtide`, in order."""
    lines = "\n".join(BLOCK.findall(page.read_text("utf-8"))).splitlines()
    return [line[2:] for line in lines if line.startswith("$ kingtide")]


WITH_COMMANDS = [page for page in PAGES if commands(page)]


def test_some_page_has_commands() -> None:
    assert ROOT / "README.md" in WITH_COMMANDS


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_every_command_of_a_page_ends_well(page: Path, tmp_path: Path) -> None:
    kingtide = str(Path(sys.executable).with_name("kingtide"))
    for command in commands(page):
        if command.startswith("kingtide rehearse examples/article"):
            continue  # minutes; tests/twin runs a part of it
        words = shlex.split(command.replace("/tmp/", f"{tmp_path}/"))
        done = subprocess.run(
            [kingtide, *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
