"""Writes requirements/*.txt from pyproject.toml: `python3 -m setup.lock` (make lock).

One file fits every Python from 3.11 on; it holds hashes and no address. uv resolves it: the one on
the path, or one in a virtual environment of its own.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv

from setup.environment import ROOT

REQUIREMENTS = ROOT / "requirements"
UV_VENV = ROOT / ".setup" / "uv"
# Lock, what is asked of uv, and the lock it must agree with.
LOCKS = (
    ("runtime.txt", (), None),
    ("dev.txt", ("--group", "dev"), "runtime.txt"),
    ("node.txt", ("--only-group", "node"), None),
    ("build.txt", ("--only-group", "build"), "dev.txt"),
)


def main() -> int:
    """Write every lock; `--upgrade` moves to the newest versions allowed. The exit code."""
    uv = shutil.which("uv") or own_uv()
    for name, selection, constraint in LOCKS:
        command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"]
        command += ["--custom-compile-command", "make lock", *sys.argv[1:]]
        if constraint:
            command += ["--constraints", f"requirements/{constraint}"]
        if "--only-group" in selection:
            command += ["--group", *selection[1:]]
        else:
            command += ["pyproject.toml", *selection]
        command += ["--output-file", f"requirements/{name}"]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            return 3
        print(f"requirements/{name} written")
    return 0


def own_uv() -> str:
    """The uv of .setup/uv, installed there if need be."""
    uv = UV_VENV / "bin" / "uv"
    if not uv.exists():
        venv.create(UV_VENV, with_pip=True)
        pip = [str(UV_VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"]
        subprocess.run(pip, check=True)
    return str(uv)


if __name__ == "__main__":
    sys.exit(main())
