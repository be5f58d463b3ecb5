"""Trials of what is in functions: all tests collected once, one function's code replaced a fork."""

from __future__ import annotations

import gc
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import NoReturn

import msgspec
import pytest

from mutations.children import fork_each
from mutations.mutants import mutated_code
from mutations.trial import (
    PYTEST_ARGUMENTS,
    Judge,
    Trial,
    end,
    test_files,
)


class InPlace:
    """A pytest plugin: instead of running the session's tests, tries mutants on them."""

    def __init__(self, trials: list[Trial], judge: Judge, results: Path, at_once: int) -> None:
        self._trials = trials
        self._results = results
        self._at_once = at_once
        self._judge = judge
        self._items: dict[str, pytest.Item] = {}
        self._functions: dict[tuple[str, str, int], list[FunctionType]] = defaultdict(list)
        # Who noticed a change of a function notices the next one soonest.
        self._noticed: dict[str, dict[str, None]] = defaultdict(dict)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants."""
        self._items = {item.nodeid: item for item in session.items}
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType):
                code = thing.__code__
                place = (code.co_filename, code.co_qualname, code.co_firstlineno)
                self._functions[place].append(thing)
        gc.freeze()  # forks share what is not looked at
        with self._results.open("ab", buffering=0) as results:
            for trial, (outcome, by) in fork_each(self._ordered(), self._at_once, self._run):
                if by:
                    self._noticed[_of(trial)][by] = None
                results.write(msgspec.json.encode(trial.verdict(outcome, by)) + b"\n")
        return True

    def _ordered(self) -> Iterator[Trial]:
        for trial in self._trials:
            first = self._noticed[_of(trial)]
            tests = sorted(trial.tests, key=lambda it: it.nodeid not in first)
            yield msgspec.structs.replace(trial, tests=tuple(tests))

    def _run(self, trial: Trial, answer: int) -> NoReturn:
        if not self._replace_code(trial):
            end(answer, "unreached")
        self._judge.judge(self._items, trial.tests, answer)

    def _replace_code(self, trial: Trial) -> bool:
        mutant = trial.mutant
        if mutant.function is None:
            return False
        path = Path(mutant.path).resolve()
        tree = mutated_code(path, path.read_text(), mutant.number)
        code = _find(compile(tree, str(path), "exec", dont_inherit=True), mutant.function)
        functions = self._functions[(str(path), *mutant.function)]
        if code is None or not functions:
            return False
        for function in functions:
            function.__code__ = code
        return True


def _find(code: CodeType, function: tuple[str, int]) -> CodeType | None:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            if (inner.co_qualname, inner.co_firstlineno) == function:
                return inner
            found = _find(inner, function)
            if found is not None:
                return found
    return None


def _of(trial: Trial) -> str:
    return f"{trial.mutant.path} {trial.mutant.function}"


def main(plan: str, results: str, at_once: str) -> int:
    """Try the mutants of a plan; see `mutations.trials`."""
    trials = msgspec.json.decode(Path(plan).read_bytes(), type=list[Trial])
    files = test_files(trials)
    judge = Judge()
    plugin = InPlace(trials, judge, Path(results), int(at_once))
    return int(pytest.main([*PYTEST_ARGUMENTS, *files], plugins=[judge, plugin]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
