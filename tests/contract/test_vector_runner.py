"""The vector runner fails when it must: it is run for real, on small folders of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

RUNNER = Path(__file__).parents[1] / "vectors"
Run = Callable[..., tuple[int, str]]

ADDING = """
from tests.vectors.claims import Stepwise, VectorFile

vectors = VectorFile("sums")

@vectors.cases("cases")
def test_sum(case):
    return {"sum": sum(case.input["numbers"])}
"""

RUNNING_TOTAL = """
from tests.vectors.claims import Stepwise, VectorFile

vectors = VectorFile("sums")

@vectors.cases("cases")
def test_running_total(case):
    total, steps = 0, []
    for step in case.given["steps"]:
        total += step.get("add", 0)
        steps.append({"total": total})
    return Stepwise(steps=steps)
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the vector tests of a copy of the runner that holds one file and one claim."""
    tests = tmp_path / "tests" / "vectors"
    tests.mkdir(parents=True)
    for name in ("cases.py", "claims.py", "comparison.py", "test_every_vector_is_claimed.py"):
        (tests / name).write_text((RUNNER / name).read_text(encoding="utf-8"), encoding="utf-8")
    options = "[pytest]\npythonpath = .\nconsider_namespace_packages = true\n"
    (tmp_path / "pytest.ini").write_text(options, encoding="utf-8")

    def run_vectors(
        document: Mapping[str, Any], claim: str, elsewhere: str = ""
    ) -> tuple[int, str]:
        (tests / "sums.json").write_text(json.dumps(document), encoding="utf-8")
        if claim:
            (tests / "test_sums.py").write_text(claim, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "--import-mode=importlib", "-q", "tests"]
        environment = {**os.environ, "KINGTIDE_VECTORS": elsewhere}
        finished = subprocess.run(
            [*command, "-p", "no:cacheprovider"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return finished.returncode, finished.stdout + finished.stderr

    return run_vectors


def adding(**expected: object) -> dict[str, Any]:
    return {"cases": [{"name": "two", "input": {"numbers": [1, 1]}, "expected": expected}]}


def test_right_answers_pass(run: Run) -> None:
    code, output = run(adding(sum=2), ADDING)
    assert code == 0, output
    assert "4 passed" in output


def test_a_wrong_answer_names_file_list_case_and_key(run: Run) -> None:
    code, output = run(adding(sum=3), ADDING)
    assert code == 1
    assert 'sums.json, cases, "two"' in output
    assert "expected.sum: the file expects 3, answered 2" in output


def test_a_key_of_expected_that_nobody_reads_fails(run: Run) -> None:
    code, output = run(adding(sum=2, mean=1), ADDING)
    assert code == 1
    assert "expected.mean: the file expects 1, nobody reads this key" in output


def test_a_file_nobody_claims_fails(run: Run) -> None:
    code, output = run(adding(sum=2), "")
    assert code == 1
    assert "sums.json: nobody claims this file" in output


def test_a_case_list_nobody_claims_fails(run: Run) -> None:
    code, output = run({**adding(sum=2), "more": {"cases": [{"name": "x"}]}}, ADDING)
    assert code == 1
    assert "nobody claims the case lists ['more.cases']" in output


def test_an_empty_case_list_fails(run: Run) -> None:
    code, output = run({"cases": []}, ADDING)
    assert code != 0
    assert "cases holds no case" in output


def test_a_case_that_expects_nothing_fails(run: Run) -> None:
    code, output = run({"cases": [{"name": "two", "input": {"numbers": [1]}}]}, ADDING)
    assert code == 1
    assert "the case expects nothing" in output


def test_steps_are_compared_one_by_one(run: Run) -> None:
    steps = [{"add": 1}, {"expected": {"total": 1}}, {"add": 2, "expected": {"total": 4}}]
    code, output = run({"cases": [{"name": "two", "steps": steps}]}, RUNNING_TOTAL)
    assert code == 1
    assert "expected.steps[2].total: the file expects 4, answered 3" in output
    assert "steps[1]" not in output


def test_a_step_that_nobody_answers_fails(run: Run) -> None:
    steps = [{"add": 1, "expected": {"total": 1}}]
    document = {"cases": [{"name": "two", "input": {"numbers": [1]}, "steps": steps}]}
    code, output = run(document, ADDING)
    assert code == 1
    assert "steps: the file has 1 steps, answered 0" in output


def test_an_exchanged_folder_gives_the_cases(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "sums.json").write_text(json.dumps(adding(sum=3)), encoding="utf-8")
    code, output = run(adding(sum=2), ADDING, elsewhere=str(tmp_path / "other"))
    assert code == 1
    assert "expected.sum: the file expects 3, answered 2" in output


def test_a_claimed_file_that_an_exchanged_folder_lacks_is_skipped(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "products.json").write_text("{}", encoding="utf-8")
    code, output = run(adding(sum=2), ADDING, elsewhere=str(tmp_path / "other"))
    assert code == 1
    assert "products.json: nobody claims this file" in output
    assert "1 failed, 1 passed, 2 skipped" in output


def test_a_folder_without_vectors_fails(run: Run, tmp_path: Path) -> None:
    code, output = run(adding(sum=2), ADDING, elsewhere=str(tmp_path / "nowhere"))
    assert code != 0
    assert "nowhere holds no vector file" in output
