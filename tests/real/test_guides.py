"""The guides' commands run as they stand in the text."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.haproxy import HAPROXY

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> dict[str, list[str]]:
    """The lines of a page's console blocks that begin with `$ kingtide`, each with what it prints.

    Of that, `...` stands for lines that are left out.
    """
    found: dict[str, list[str]] = {}
    told: list[str] = []
    for line in "".join(BLOCK.findall(page.read_text("utf-8"))).splitlines():
        if line.startswith("$ "):
            told = found.setdefault(line[2:], []) if line.startswith("$ kingtide") else []
        else:
            told.append(line)
    return found


WITH_COMMANDS = [page for page in PAGES if commands(page)]
GUIDES = (
    "admission",
    "dns",
    "downscaling",
    "fleet-as-code",
    "game-days",
    "ingress",
    "migrate-from-kops",
    "on-demand-reclaim",
    "plan-and-apply",
    "prescaling",
    "shadow",
    "spot-interruptions",
)


@pytest.mark.parametrize("page", ["README", "rehearse-a-peak", *GUIDES])
def test_a_page_that_tells_what_can_be_done_has_commands(page: str) -> None:
    assert page in [it.stem for it in WITH_COMMANDS]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_every_command_of_a_page_ends_well_and_prints_what_the_page_shows(
    page: Path, tmp_path: Path
) -> None:
    kingtide = str(Path(sys.executable).with_name("kingtide"))
    for command, told in commands(page).items():
        words = shlex.split(command.replace("/tmp/", f"{tmp_path}/"))
        if words[1:3] == ["rehearse", "examples/article"]:
            continue  # minutes; tests/twin runs a part of it
        if words[1:3] == ["ingress", "render"] and "--check" in words and HAPROXY is None:
            continue  # HAProxy is not installed
        done = subprocess.run(
            [kingtide, *words[1:]],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "120"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        printed = iter([" ".join(line.split()) for line in done.stdout.splitlines()])
        for line in told:
            if line != "...":
                # Searching goes on behind the line before: order counts.
                assert " ".join(line.split()) in printed, f"{command} does not print {line!r}"
