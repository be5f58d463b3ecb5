"""One mutant against its tests, in a process of its own; the first test that fails catches it.

What a process needs to judge: `Trial` says what to change and what to run, `Verdict` what came out.
A test that takes ten times its usual processor time, or far more memory, has noticed too.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import Literal, NoReturn

import hypothesis
import msgspec
import pytest

from mutations.caches import clear_caches
from mutations.mutants import Mutant

# A mutant may loop: a test gets ten times what it needs, and this on top, because the shortest
# tests are measured in single milliseconds.
_SLOWNESS = 10
_MARGIN_SECONDS = 5.0
# Ten times what collecting all tests takes.
_MEMORY_BYTES = 6 << 30

PYTEST_ARGUMENTS = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--assert=plain", "--timeout", "0"),
    # Imported before pytest, so that each fork need not; its own tests are not ours.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


class Chosen(msgspec.Struct, frozen=True):
    """A test to run, and the processor time it needs."""

    nodeid: str
    cpu_ms: int


Outcome = Literal["caught", "timeout", "survived", "unreached"]


class Verdict(msgspec.Struct, frozen=True):
    """What became of a mutant; `by` is the test that noticed, empty where none did.

    `tried_ms` is the processor time of the tests it was given; `digest` of the file it is in.
    """

    path: str
    number: int
    digest: str
    outcome: Outcome
    by: str = ""
    tried_ms: int = 0
    is_complete: bool = True


class Trial(msgspec.Struct, frozen=True):
    """A mutant and the tests that reach it, in the order to run them.

    `digest` is that of the file. `is_complete` says whether these are all tests that reach it;
    `is_afresh` whether its module has to be imported anew.
    """

    mutant: Mutant
    digest: str
    tests: tuple[Chosen, ...]
    is_complete: bool
    is_afresh: bool

    def verdict(self, outcome: Outcome, by: str = "") -> Verdict:
        """Return what became of the mutant."""
        return Verdict(
            path=self.mutant.path,
            number=self.mutant.number,
            digest=self.digest,
            outcome=outcome,
            by=by,
            tried_ms=sum(it.cpu_ms for it in self.tests),
            is_complete=self.is_complete,
        )


class Judge:
    """A pytest plugin that runs chosen tests and ends the process with the first failure."""

    def __init__(self) -> None:
        self._answer = -1

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        """Draw the examples the suite draws, but do not look for the smallest that fails."""
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        hypothesis.settings.register_profile(
            "mutants", hypothesis.settings.get_profile("reproducible"), phases=phases
        )
        hypothesis.settings.load_profile("mutants")

    def judge(
        self, items: dict[str, pytest.Item], tests: Sequence[Chosen], answer: int
    ) -> NoReturn:
        """Run the tests, write the outcome and the test to the pipe `answer`, end the process."""
        self._answer = answer
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        chosen = [(items[it.nodeid], it.cpu_ms) for it in tests if it.nodeid in items]
        for (item, cpu_ms), following in zip(chosen, [*chosen[1:], None], strict=True):
            _at_most(_MARGIN_SECONDS + _SLOWNESS * cpu_ms / 1000, answer, item.nodeid)
            next_item = following[0] if following else None
            clear_caches()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=next_item)
        end(answer, "survived")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Stop at the first test that fails, before a report of it is made."""
        error = call.excinfo
        if error is not None and not error.errisinstance(pytest.skip.Exception):
            end(self._answer, "caught", item.nodeid)


def end(answer: int, outcome: Outcome, by: str = "") -> NoReturn:
    """Tell the outcome and end the process at once, without anybody's clean-up."""
    os.write(answer, msgspec.json.encode((outcome, by)))
    os._exit(0)


def _at_most(cpu_seconds: float, answer: int, nodeid: str) -> None:
    def too_long(_signal: int, _frame: FrameType | None) -> None:
        end(answer, "timeout", nodeid)

    signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)


def test_files(trials: Iterable[Trial]) -> list[str]:
    """Return the files of all tests of these trials."""
    files = {it.nodeid.partition("::")[0] for trial in trials for it in trial.tests}
    return sorted(file for file in files if Path(file).exists())
