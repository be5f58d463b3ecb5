"""`python -m mutations`: try the mutants of the decisions, and say what no test noticed.

It goes on where it was interrupted, and stops at once when a test fails without a mutant.
`--every 5` tries each fifth mutant over everything;
`--write` brings result.json and the tables of docs/concepts/invariants.md up to date;
`survivors` tries those of result.json again and takes off what is noticed now.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import cyclopts
import msgspec
from rich.console import Console

from mutations import again as once_more
from mutations import report, state
from mutations.choose import Chooser, read_sources
from mutations.explanations import read_explanations
from mutations.mutants import Mutant, mutants_of
from mutations.trial import Trial, Verdict

ROOMS = ("src/kingtide/control", "src/kingtide/controllers")
# Quick tests of decisions, and whole worlds. Not tests/real and tests/contract, which look at
# packages and the text of the code, nor what starts processes or draws reports: these run the same
# decisions as tests/twin, and a process started by a test would import the code as it is written.
TESTS = ("tests/unit", "tests/vectors", "tests/property", "tests/twin")
LEFT_OUT = ("tests/unit/cli", "tests/unit/report", "tests/unit/rehearsal", "tests/unit/setup")

# Nearly all that is noticed is noticed by the quickest second of tests: 1,694 of 1,699.
# So everything is tried with a few seconds first, and only what survives that with more.
QUICK_SECONDS = 3.0

app = cyclopts.App(help="Mutate comparisons, bounds and guards, and see which test notices.")


@app.default
def main(
    only: Annotated[str, cyclopts.Parameter(help="Files whose path starts so.")] = "src",
    every: Annotated[int, cyclopts.Parameter(help="Try each n-th mutant.")] = 1,
    skip: Annotated[
        int, cyclopts.Parameter(help="Begin after so many mutants: another sample.")
    ] = 0,
    seconds: Annotated[
        float, cyclopts.Parameter(help="Processor time of the tests of one mutant, at most.")
    ] = 20.0,
    jobs: Annotated[int, cyclopts.Parameter(help="Processes at once.")] = 2,
    tests: Annotated[
        tuple[str, ...], cyclopts.Parameter(help="Only with tests whose path starts with one.")
    ] = ("tests",),
    again: Annotated[
        bool, cyclopts.Parameter(negative="", help="Try survivors anew: tests have changed.")
    ] = False,
    write: Annotated[
        bool, cyclopts.Parameter(negative="", help="Write the result and the tables, try nothing.")
    ] = False,
) -> None:
    """Try the mutants that have no verdict yet."""
    sources = read_sources(ROOMS)
    mutants = [it for path, source in sources.items() for it in mutants_of(path, source)]
    sample = mutants[skip::every]
    digests = {path: state.digest(text) for path, text in sources.items()}
    if not write:
        wanted = [it for it in sample if it.path.startswith(only)]
        _try(wanted, sources, digests, seconds, jobs, tests, is_again=again)
    verdicts = _current(digests)
    judged = [(it, verdicts[it.path, it.number]) for it in sample if _key(it) in verdicts]
    if write:
        report.write(judged, len(mutants), (every, skip), state.commit_of(ROOMS))
    report.show([it for it in judged if it[0].path.startswith(only)], Console())


@app.command
def survivors(
    tests: Annotated[
        str, cyclopts.Parameter(help="Only with tests whose path starts so.")
    ] = "tests",
    seconds: Annotated[
        float, cyclopts.Parameter(help="Processor time of the tests of one mutant, at most.")
    ] = 20.0,
    jobs: Annotated[int, cyclopts.Parameter(help="Processes at once.")] = 2,
) -> None:
    """Try the survivors of result.json again, and take off those that a test notices now."""
    sources = read_sources(ROOMS)
    result = report.kept()
    mutants = once_more.present(result.survivors, sources)
    files = [file for file in _test_files() if file.as_posix().startswith(tests)]
    chooser = Chooser(state.reached(files, sources, jobs), sources)
    digests = {path: state.digest(text) for path, text in sources.items()}
    trials = [chooser.choose(it, digests[it.path], int(seconds * 1000)) for it in mutants.values()]
    # A survivor of the whole suite is not one that a part of the tests does not even reach.
    trials = [it for it in trials if it.tests]
    Console().print(f"{len(trials)} of {len(result.survivors)} survivors to try")
    state.judge(trials, jobs)
    verdicts = _current(digests)
    noticed = {
        index: it
        for index, it in mutants.items()
        if _key(it) in verdicts and verdicts[_key(it)].outcome in ("caught", "timeout")
    }
    commit = state.commit_of(ROOMS)
    report.keep(once_more.updated(result, noticed, read_explanations(), commit))
    Console().print(f"{len(noticed)} noticed now, {report.kept().total.percent} in all")


def _key(mutant: Mutant) -> tuple[str, int]:
    return mutant.path, mutant.number


def _current(digests: dict[str, str]) -> dict[tuple[str, int], Verdict]:
    return {key: it for key, it in state.verdicts().items() if digests.get(it.path) == it.digest}


def _try(
    mutants: Sequence[Mutant],
    sources: dict[str, str],
    digests: dict[str, str],
    seconds: float,
    jobs: int,
    tests: tuple[str, ...],
    *,
    is_again: bool,
) -> None:
    files = _test_files()
    some = [file for file in files if file.as_posix().startswith(tests)]
    chooser = Chooser(state.reached(some, sources, jobs), sources)
    for at_most in sorted({min(QUICK_SECONDS, seconds), seconds}):
        known = _current(digests)
        chosen = [chooser.choose(it, digests[it.path], int(at_most * 1000)) for it in mutants]
        if len(some) < len(files):
            # Nothing is known of the others: what survives these may not survive all.
            chosen = [msgspec.structs.replace(it, is_complete=False) for it in chosen]
        trials = [
            trial
            for trial in chosen
            if _is_open(trial, known.get(_key(trial.mutant)), is_again=is_again)
        ]
        Console().print(f"{len(trials)} mutants to try, with {at_most:g} s of tests each")
        state.judge(trials, jobs)
        is_again = False  # survivors have been tried anew: what follows are more tests


def _test_files() -> list[Path]:
    return sorted(
        file
        for folder in TESTS
        for file in Path(folder).rglob("test_*.py")
        if not file.as_posix().startswith(LEFT_OUT)
    )


def _is_open(trial: Trial, verdict: Verdict | None, *, is_again: bool) -> bool:
    """Return whether a mutant is still to be tried: not yet, or with more tests than before."""
    if verdict is None:
        return True
    if verdict.outcome in ("caught", "timeout"):
        return False
    tried_ms = trial.verdict("survived").tried_ms
    return is_again or (not verdict.is_complete and tried_ms > verdict.tried_ms)


if __name__ == "__main__":
    app()
