"""The command as a module of Python."""

from __future__ import annotations

import subprocess
import sys

from kingtide import __version__


def test_python_runs_it_as_a_module() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "kingtide", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (told.returncode, told.stdout.strip(), told.stderr) == (0, f"kingtide {__version__}", "")
