"""Makes the virtual environment .venv as the locks say: `python3 -m setup.environment`.

Does nothing when .venv already is what requirements/, pyproject.toml and the build hook ask for.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from setup import apt

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "kingtide-setup"
MAKING = ROOT / ".setup" / "making-venv"
LOCK = ROOT / "requirements" / "dev.txt"
NODE_LOCK = ROOT / "requirements" / "node.txt"
# What decides what stands in .venv, besides this Python and where the project lies.
SOURCES = (
    LOCK,
    NODE_LOCK,
    ROOT / "pyproject.toml",
    ROOT / "hatch_build.py",
    ROOT / "package.json",
    ROOT / "package-lock.json",
    Path(__file__),
)
MINIMUM_PYTHON = (3, 11)


class SetupFailed(Exception):
    """Set-up cannot go on; the message says what to do."""


def main() -> int:
    """Make .venv, or find it made already; the exit code."""
    if sys.version_info < MINIMUM_PYTHON:
        print("error: Kingtide needs Python 3.11 or newer", file=sys.stderr)
        return 2
    wanted = fingerprint()
    if is_made(wanted):
        return 0
    try:
        MAKING.parent.mkdir(exist_ok=True)
        with MAKING.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second finds it done
            if not is_made(wanted):
                make(wanted)
    except SetupFailed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 3
    return 0


def fingerprint() -> str:
    """A hash of all that decides what stands in .venv."""
    # cpython-311, not the patch version: the distribution renews that under a living .venv.
    digest = hashlib.sha256(f"{sys.implementation.cache_tag}\n{ROOT}\n".encode())
    for source in SOURCES:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def is_made(wanted: str) -> bool:
    """Whether .venv was completed for this fingerprint and the report's assets are there."""
    assets = ROOT / "src" / "kingtide" / "report" / "assets" / "uPlot.integrity"
    return PYTHON.exists() and STAMP.is_file() and STAMP.read_text() == wanted and assets.is_file()


def make(wanted: str) -> None:
    """Make or renew .venv and install the locked packages and Kingtide itself.

    Raises:
        SetupFailed: a step failed.
    """
    STAMP.unlink(missing_ok=True)
    uv = shutil.which("uv")
    if not works(PYTHON):
        print(f"Making a virtual environment in .venv with {'uv' if uv else 'venv'}", flush=True)
        make_venv(uv)
    print("Installing the packages of requirements/dev.txt, checked by their hashes", flush=True)
    install(uv, ["--require-hashes", "-r", str(LOCK)])
    if shutil.which("npm") is None:
        print("No npm here: installing the one of requirements/node.txt to fetch uPlot", flush=True)
        install(uv, ["--require-hashes", "-r", str(NODE_LOCK)])
    print("Installing Kingtide, with the plotting script its reports inline", flush=True)
    install(uv, ["--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    partial = STAMP.with_suffix(".partial")
    partial.write_text(wanted)
    partial.replace(STAMP)


def make_venv(uv: str | None) -> None:
    """Make an empty .venv with this interpreter, by uv or by venv.

    Raises:
        SetupFailed: Python's own venv module lacks its half and cannot be completed.
    """
    if VENV.exists():
        shutil.rmtree(VENV)
    if uv and run([uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(VENV)]):
        return
    if importlib.util.find_spec("ensurepip") is None:
        complete_python()
    if not run([sys.executable, "-m", "venv", str(VENV)]):
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupFailed("`python3 -m venv .venv` failed; its last words stand above")


def complete_python() -> None:
    """Install Debian's missing half of Python: the ensurepip that `python3 -m venv` needs.

    Raises:
        SetupFailed: it is not possible here.
    """
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    print(f"Debian and Ubuntu keep a part of Python that makes virtual environments in {package}:")
    if not apt.install([package]):
        raise SetupFailed(f"install {package} (or uv), then type the same make command again")


def install(uv: str | None, arguments: Sequence[str]) -> None:
    """Install into .venv: with uv where present, and with pip where uv is not or fails.

    Raises:
        SetupFailed: pip failed too.
    """
    # Falling back matters where a mirror is configured for pip only.
    if uv and run([uv, "pip", "install", "--quiet", "--python", str(PYTHON), *arguments]):
        return
    if not (VENV / "bin" / "pip").exists() and not run([str(PYTHON), "-m", "ensurepip"]):
        raise SetupFailed("uv could not install the packages, and .venv has no pip to try")
    # -qq: errors only; a mirror that lacks a package is no news.
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    if not run([*pip, *arguments]):
        raise SetupFailed(
            "pip could not install; its last words stand above. "
            "Where a package index cannot be reached, set pip's configuration first"
        )


def works(python: Path) -> bool:
    """Whether this interpreter exists, runs and has the version of the one that asks."""
    if not python.exists():
        return False
    program = f"import sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    return run([str(python), "-c", program])


def run(command: Sequence[str]) -> bool:
    """Run a command with its output shown; whether it worked."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
