"""The image's recipe, as far as it can be held to something without a container engine."""

from __future__ import annotations

import fnmatch
import re
import shlex
from pathlib import Path

import pytest

from kingtide.operate.installation import pods
from tests.unit.operate.installation.installations import installation

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "Dockerfile").read_text("utf-8")
LINES = [it for it in TEXT.splitlines() if it and not it.startswith("#")]


def of(instruction: str) -> list[list[str]]:
    """Return the words of each such line."""
    found = [it.partition(" ") for it in LINES]
    return [shlex.split(rest) for name, _, rest in found if name == instruction]


def copied() -> list[str]:
    """Return what is copied from the folder that the image is built in."""
    return [
        source for words in of("COPY") if not words[0].startswith("--") for source in words[:-1]
    ]


def is_sent(path: str) -> bool:
    """Return whether .dockerignore lets a path through; the last line that matches counts."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!")
            top = path.partition("/")[0]
            if any(fnmatch.fnmatchcase(it, pattern) for it in (path, top)):
                sent = line.startswith("!")
    return sent


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_is_there_and_reaches_the_builder(source: str) -> None:
    assert (ROOT / source).exists()
    assert is_sent(source)


@pytest.mark.parametrize("path", [".git", ".venv", "tests", "docs", "demo-report"])
def test_nothing_else_reaches_the_builder(path: str) -> None:
    assert not is_sent(path)


def test_all_that_the_build_hook_and_the_metadata_read_is_copied() -> None:
    wanted = {"pyproject.toml", "hatch_build.py", "package.json", "package-lock.json", "src"}
    metadata = (ROOT / "pyproject.toml").read_text("utf-8")
    wanted |= set(re.findall(r'^readme = "(.*)"', metadata, re.MULTILINE))
    wanted |= set(re.findall(r'^license-files = \["(.*)"\]', metadata, re.MULTILINE))
    assert wanted <= set(copied())


def test_python_packages_are_installed_by_their_hashes_or_are_our_own() -> None:
    installs = [it for it in of("RUN") if it[0].endswith("/pip") and "install" in it]
    assert len(installs) == 3
    for words in installs:
        assert "--require-hashes" in words or "--no-index" in words


def test_both_stages_are_of_one_python_pinned_to_its_patch() -> None:
    ((version,),) = of("ARG")
    assert re.fullmatch(r"PYTHON=3\.11\.\d+-slim-\w+", version)
    assert [it[0] for it in of("FROM")] == ["python:${PYTHON}"] * 2
    assert "://" not in TEXT


HAPROXY = (
    "RUN apt-get update && apt-get install --yes --no-install-recommends haproxy"
    " && rm -rf /var/lib/apt/lists/*"
)
"""The one thing that is done in the image that runs, and leaves nothing but the package."""


def test_the_image_runs_as_the_user_of_the_pods() -> None:
    last = LINES[LINES.index("FROM python:${PYTHON}") :]
    assert f"USER {pods.USER}:{pods.USER}" in last
    assert [it for it in last if it.startswith("RUN")] == [last[last.index(HAPROXY)]]
    assert last.index(HAPROXY) < last.index(f"USER {pods.USER}:{pods.USER}")
    assert last[-2] == 'ENTRYPOINT ["kingtide"]'
    assert pods.arguments(installation())[0] == "run"
