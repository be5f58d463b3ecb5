"""The run that finds out what each test reaches: it needs tests that pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mutations.reach import TESTS_FAIL

FAILS = "def test_passes():\n    assert True\n\n\ndef test_fails():\n    assert False\n"


def mark(repository: Path, tmp_path: Path, source: str) -> tuple[int, str, bool]:
    """The exit code, what it says is wrong, and whether there is a result."""
    test, result = tmp_path / "test_given.py", tmp_path / "reach.json"
    test.write_text(source)
    command = [sys.executable, "-m", "mutations.reach", str(result), str(test)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr, result.exists()


@pytest.mark.parametrize(
    ("source", "named"),
    [
        pytest.param(FAILS, "test_given.py::test_fails", id="a test"),
        pytest.param("import nothing_of_that_name\n", "test_given.py", id="an import"),
    ],
)
def test_what_fails_without_a_mutant_ends_the_run_and_is_named(
    repository: Path, tmp_path: Path, source: str, named: str
) -> None:
    code, said, has_result = mark(repository, tmp_path, source)
    assert (code, has_result) == (TESTS_FAIL, False)
    assert "error: fails without any mutant:" in said
    assert named in said
    assert "test_passes" not in said


def test_a_skipped_test_is_no_failure_and_judges_nothing(repository: Path, tmp_path: Path) -> None:
    source = "import pytest\n\n\ndef test_one():\n    pytest.skip('not here')\n"
    assert mark(repository, tmp_path, source) == (0, "", True)
    assert (tmp_path / "reach.json").read_bytes() == b"{}"
