"""The guides' commands that need a cluster, as they stand in the text, against a served twin."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console twin\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = [it for it in sorted((ROOT / "docs").rglob("*.md")) if BLOCK.search(it.read_text("utf-8"))]
PROGRAMS = {
    "kingtide": str(Path(sys.executable).with_name("kingtide")),
    "kubectl": str(Path(sys.executable).with_name("kubectl")),
}
STARTS_WITHIN_SECONDS = 60


def commands(page: Path) -> list[tuple[str, list[str]]]:
    """The lines that begin with `$ `, each with what it prints; `...` stands for any lines."""
    found: list[tuple[str, list[str]]] = []
    for line in "".join(BLOCK.findall(page.read_text("utf-8"))).splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def shell(which: str) -> str:
    """What the guide to running in a cluster has one of its two shells do before all else."""
    page = (ROOT / "docs" / "guides" / "run-in-a-cluster.md").read_text("utf-8")
    (block,) = re.findall(rf"^```console {which} shell\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return "\n".join(line.removeprefix("$ ") for line in block.splitlines())


def variables_of(folder: Path, path: str) -> dict[str, str]:
    """The variables that the second shell exports, as any shell of the reader's would."""
    told = subprocess.run(
        ["bash", "-c", f"{shell('second')}\nenv -0"],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    found = dict(it.split("=", 1) for it in told.stdout.split("\0") if "=" in it)
    return {name: it for name, it in found.items() if name.startswith(("AWS_", "KUBECONFIG"))}


@pytest.fixture
def variables(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables by which clients find a served cluster and its cloud."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with subprocess.Popen(
        ["bash", "-c", f"exec {shell('first')}"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        stdout=subprocess.DEVNULL,
    ) as served:
        try:
            file = tmp_path / "kingtide.aws.env"
            ends = time.monotonic() + STARTS_WITHIN_SECONDS
            while not file.is_file() and time.monotonic() < ends:
                time.sleep(0.1)
            yield variables_of(tmp_path, path)
        finally:
            served.terminate()
            served.wait(60)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_works_on_a_cluster_and_prints_what_the_page_shows(
    page: Path, variables: dict[str, str], tmp_path: Path
) -> None:
    for command, told in commands(page):
        program, *words = shlex.split(command.replace("/tmp/", f"{tmp_path}/"))
        done = subprocess.run(
            [PROGRAMS[program], *words],
            cwd=ROOT,
            env={**os.environ, **variables, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        printed = iter([" ".join(line.split()) for line in done.stdout.splitlines()])
        for line in told:
            if line != "...":
                assert " ".join(line.split()) in printed, f"{command}\n{done.stdout}"


def test_the_guide_to_running_in_a_cluster_is_executed() -> None:
    (page,) = [it for it in PAGES if it.stem == "run-in-a-cluster"]
    programs = {command.split()[0] for command, _ in commands(page)}
    assert programs == {"kingtide", "kubectl"}
