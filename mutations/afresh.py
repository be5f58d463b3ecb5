"""Trials of what is outside of functions: constants, defaults, fields.

Their values have spread by import, so that the package is imported anew in each fork, from a
process that has everything of third parties loaded.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import msgspec
import pytest

from mutations.children import fork_each
from mutations.mutants import Mutant, mutated_code
from mutations.trial import (
    PYTEST_ARGUMENTS,
    Chosen,
    Judge,
    Trial,
    end,
    test_files,
)

# What takes longest to import of what the package and its tests need.
_THIRD_PARTY = (
    "cyclopts", "hypothesis", "numpy", "pydantic", "re2", "rich.console", "ruamel.yaml",
    "whenever", "yaml", "_pytest.assertion.rewrite",
)  # fmt: skip


class _MutatingImporter(MetaPathFinder, Loader):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._path = Path(mutant.path).resolve()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith("kingtide."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin != str(self._path):
            return None
        spec.loader = self
        return spec

    def exec_module(self, module: ModuleType) -> None:
        tree = mutated_code(self._path, self._path.read_text(), self._mutant.number)
        code = compile(tree, str(self._path), "exec", dont_inherit=True)
        exec(code, module.__dict__)


class _Session:
    """A pytest plugin that hands the collected tests to the judge."""

    def __init__(self, judge: Judge, tests: Sequence[Chosen], answer: int) -> None:
        self._judge = judge
        self._tests = tests
        self._answer = answer

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the chosen tests."""
        if session.testsfailed:
            end(self._answer, "caught", "(import)")
        self._judge.judge({it.nodeid: it for it in session.items}, self._tests, self._answer)


def _run(trial: Trial, answer: int) -> NoReturn:
    sys.meta_path.insert(0, _MutatingImporter(trial.mutant))
    judge = Judge()
    plugins = [judge, _Session(judge, trial.tests, answer)]
    pytest.main([*PYTEST_ARGUMENTS, *test_files([trial])], plugins=plugins)
    # Only a session that could not import its tests comes back.
    end(answer, "caught", "(import)")


def main(plan: str, results: str, at_once: str) -> int:
    """Try the mutants of a plan; see `mutations.trials`."""
    trials = msgspec.json.decode(Path(plan).read_bytes(), type=list[Trial])
    for name in _THIRD_PARTY:
        importlib.import_module(name)
    loaded = [name for name in sys.modules if name.startswith(("kingtide", "tests"))]
    if loaded:
        raise RuntimeError(f"already imported: {loaded}")
    with Path(results).open("ab", buffering=0) as written:
        written.writelines(
            msgspec.json.encode(trial.verdict(*answer)) + b"\n"
            for trial, answer in fork_each(trials, int(at_once), _run)
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
