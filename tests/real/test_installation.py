"""What `pip install` puts on a machine: one wheel with the command and all a report needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kingtide import __version__


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built the way pip builds it (hatchling comes from requirements/dev.txt)."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*command, "-qq", "--wheel-dir", str(folder), str(repository)], check=True, timeout=240
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_plotting_script_with_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assets = "kingtide/report/assets"
        assert b"uPlot" in archive.read(f"{assets}/uPlot.iife.min.js")[:200]
        assert b".uplot" in archive.read(f"{assets}/uPlot.min.css")
        assert b"MIT License" in archive.read(f"{assets}/uPlot.LICENSE.txt")
        assert "kingtide/py.typed" in archive.namelist()


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        roots = {name.split("/")[0] for name in archive.namelist()}
    assert roots == {"kingtide", f"kingtide-{__version__}.dist-info"}


def test_the_installed_command_answers(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "-qq", "--target", str(site)]
    subprocess.run([*command, str(wheel)], check=True, timeout=240)
    for option, expected in [("--version", f"kingtide {__version__}\n"), ("--help", "Usage:")]:
        finished = subprocess.run(
            [sys.executable, str(site / "bin" / "kingtide"), option],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (finished.returncode, finished.stderr) == (0, "")
        assert finished.stdout.startswith(expected)


READ_ONLY = ("unshare", "--mount", "sh", "-c", 'mount -o remount,bind,ro / && exec "$@"', "sh")
"""Runs a command where nothing can be written, as in a container with a read-only root."""


def can_be_read_only() -> bool:
    """Whether this machine lets us remount what we see: root in a container may not."""
    if not shutil.which("unshare"):
        return False
    tried = subprocess.run([*READ_ONLY, "test", "!", "-w", "/"], capture_output=True, check=False)
    return tried.returncode == 0


def test_the_installed_command_needs_nothing_that_it_could_write(
    wheel: Path, repository: Path, tmp_path: Path
) -> None:
    if not can_be_read_only():
        pytest.skip("needs the right to make a file system read-only (root, CAP_SYS_ADMIN)")
    site = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "-qq", "--target", str(site)]
    subprocess.run([*command, str(wheel)], check=True, timeout=240)
    fleet = str(repository / "examples" / "prime-time" / "fleet")
    words = ["install", "--all", "--fleet", fleet, "--cluster", "prod"]
    finished = subprocess.run(
        [*READ_ONLY, sys.executable, str(site / "bin" / "kingtide"), *words],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "kind: Deployment" in finished.stdout
