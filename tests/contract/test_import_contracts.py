"""The import contracts of pyproject.toml hold, and break when somebody breaks them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"

# Rooms of the smallest house the contracts can be tried on: every arrow goes down.
HOUSE = {
    "kube/pods.py": "",
    "certificates/pairs.py": "",
    "aws/groups.py": "",
    "controlplane/scheduling.py": "from kingtide.kube import pods",
    "fleet/policies.py": "",
    "control/snapshot.py": "from kingtide.controlplane import scheduling",
    "controllers/downscaling/decide.py": "from kingtide.control import snapshot",
    "controllers/prescaling/decide.py": "from kingtide.control import snapshot",
    "roster/registry.py": "from kingtide.controllers.downscaling import decide",
    "twin/engine.py": "from kingtide.controllers.downscaling import decide",
    "twin/apiserver/server.py": "from kingtide.twin import engine\nimport asyncio",
    "files/reading.py": "import os",
    "live/watch.py": "import asyncio",
    "compile/documents.py": "from kingtide.fleet import policies",
    "migration/manifests.py": "from kingtide.fleet import policies",
    "check/rules.py": "from kingtide.compile import documents",
    "operate/apply.py": "from kingtide.compile import documents",
    "operate/shadowing/deciding/shadow.py": "from kingtide.control import snapshot",
    "operate/shadowing/scoring/score.py": "from kingtide.control import snapshot",
    "rehearsal/night.py": "from kingtide.twin import engine\nimport time",
    "report/page.py": "from kingtide.rehearsal import night",
    "cli/rehearse.py": "from kingtide.report import page",
}


def lint(repository: Path, folder: Path, changes: dict[str, str]) -> tuple[int, str]:
    """Check the contracts of the repository on HOUSE with `changes` made to it."""
    package = folder / "kingtide"
    package.mkdir()
    for name, content in {**HOUSE, **changes}.items():
        module = package / name
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(content, encoding="utf-8")
    for path in [package, *(path for path in package.rglob("*") if path.is_dir())]:
        (path / "__init__.py").touch()
    shutil.copyfile(repository / "pyproject.toml", folder / "pyproject.toml")
    finished = subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return finished.returncode, finished.stdout + finished.stderr


def test_a_house_whose_arrows_point_down_passes(repository: Path, tmp_path: Path) -> None:
    code, output = lint(repository, tmp_path, {})
    assert code == 0, output
    assert "0 broken" in output


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param(
            {"kube/pods.py": "from kingtide.control import snapshot"},
            "kingtide.kube is not allowed to import kingtide.control",
            id="an arrow up",
        ),
        pytest.param(
            {"kube/pods.py": "from kingtide.aws import groups"},
            "kingtide.kube is not allowed to import kingtide.aws",
            id="an arrow to a sibling",
        ),
        pytest.param(
            {"twin/engine.py": "from kingtide.files import reading"},
            "kingtide.twin is not allowed to import kingtide.files",
            id="the twin reads no files",
        ),
        pytest.param({"utilities/x.py": ""}, "utilities", id="a room nobody declared"),
        pytest.param(
            {"controllers/prescaling/decide.py": "import kingtide.controllers.downscaling.decide"},
            "kingtide.controllers.prescaling",
            id="a controller that knows another",
        ),
        pytest.param({"kube/pods.py": "import time"}, "kingtide.kube.pods -> time", id="a clock"),
        pytest.param(
            {"controllers/prescaling/decide.py": "from random import choice"},
            "kingtide.controllers.prescaling.decide -> random",
            id="chance",
        ),
        pytest.param(
            {
                "fleet/policies.py": "from kingtide.fleet import zones",
                "fleet/zones.py": "import os",
            },
            "kingtide.fleet.zones -> os",
            id="the system, through another module",
        ),
        pytest.param(
            {"twin/engine.py": "import threading"},
            "kingtide.twin.engine -> threading",
            id="threads",
        ),
        pytest.param(
            {"twin/world.py": "from kingtide.twin.apiserver import server"},
            "The twin behind HTTP is an edge: no other room of the twin knows it BROKEN",
            id="a world that knows its server",
        ),
        pytest.param(
            {
                "kube/pods.py": "from kingtide.kube import nodes",
                "kube/nodes.py": "from kingtide.kube import pods",
            },
            "No room and no folder in it imports in a circle BROKEN",
            id="a circle inside a room",
        ),
    ],
)
def test_a_house_that_breaks_a_contract_fails(
    repository: Path, tmp_path: Path, changes: dict[str, str], complaint: str
) -> None:
    code, output = lint(repository, tmp_path, changes)
    assert code == 1, output
    assert complaint in output
