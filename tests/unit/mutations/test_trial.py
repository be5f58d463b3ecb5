"""Mutants of real decisions against real tests, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from mutations.mutants import mutants_of
from mutations.trial import Chosen, Trial, Verdict

BUDGET = "src/kingtide/control/budget.py"


def trials(repository: Path, test: str, line_has: str) -> list[Trial]:
    source = (repository / BUDGET).read_text(encoding="utf-8")
    lines = source.splitlines()
    mutants = [it for it in mutants_of(BUDGET, source) if line_has in lines[it.line - 1]]
    assert mutants
    chosen = (Chosen(test, 100),)
    return [Trial(it, "digest", chosen, True, it.function is None) for it in mutants]


def judge(repository: Path, tmp_path: Path, module: str, tried: list[Trial]) -> list[Verdict]:
    plan, verdicts = tmp_path / "plan.json", tmp_path / "verdicts"
    plan.write_bytes(msgspec.json.encode(tried))
    command = [sys.executable, "-m", module, str(plan), str(verdicts), "2"]
    done = subprocess.run(command, cwd=repository, capture_output=True, check=False)
    assert verdicts.exists(), done.stderr.decode()
    decoder = msgspec.json.Decoder(Verdict)
    return [decoder.decode(line) for line in verdicts.read_bytes().splitlines()]


TEST = "tests/unit/control/test_budget.py::test_{}"


def test_a_test_of_the_function_notices_its_mutants_and_another_one_does_not(
    repository: Path, tmp_path: Path
) -> None:
    reaching = TEST.format("what_the_cloud_takes_is_never_refused")
    tried = [
        *trials(repository, reaching, 'if reason == "Interrupted"'),
        *trials(repository, reaching, "return None if most is None else max(0"),
    ]
    found = judge(repository, tmp_path, "mutations.in_place", tried)
    assert {(it.number, it.outcome, it.by) for it in found} == {
        (it.mutant.number, "caught", reaching)
        if "reason" in it.mutant.original
        else (it.mutant.number, "survived", "")
        for it in tried
    }


def test_a_constant_is_changed_wherever_it_was_imported(repository: Path, tmp_path: Path) -> None:
    another = TEST.format("room_is_what_the_budget_leaves_and_never_negative")
    file = "tests/unit/control/test_budget.py"
    unreadable = f"{file}::test_a_budget_that_cannot_be_read_allows_nothing[a word]"
    tried = trials(repository, unreadable, "NOTHING_ALLOWED = Budget(0)")
    tried += trials(repository, another, "NEVER_READY_MARGIN_MS = ")
    found = judge(repository, tmp_path, "mutations.afresh", tried)
    assert {(it.number, it.outcome) for it in found} == {
        (it.mutant.number, "caught" if it.mutant.original == "0" else "survived") for it in tried
    }
