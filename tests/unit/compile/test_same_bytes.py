from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tests.unit.compile.fleets import WIDE, compiled

PRINT = """
import hashlib
from tests.unit.compile.fleets import WIDE, compiled
for path, text in compiled(**WIDE).files().items():
    print(path, hashlib.sha256(text).hexdigest())
"""


def test_the_same_fleet_compiles_to_the_same_bytes_whatever_the_order_of_hashes() -> None:
    here = [
        f"{path} {hashlib.sha256(text).hexdigest()}"
        for path, text in compiled(**WIDE).files().items()
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": os.pathsep.join(sys.path)}
    there = subprocess.run(
        [sys.executable, "-c", PRINT],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert there.stdout.splitlines() == here
