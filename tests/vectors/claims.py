"""Claims vector files: which module answers which case list, and how.

Read README.md beside this file for how to write a claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pytest

from tests.vectors import cases
from tests.vectors.cases import Case, Expectation, LoadedCase
from tests.vectors.comparison import Leniency, differences

Answer = Mapping[str, Any]


class Stepwise(msgspec.Struct, frozen=True):
    """The answer to a case that expects something after its steps."""

    steps: Sequence[Answer | None]
    """One entry a step; None where the step asks nothing."""
    whole: Answer | None = None
    """The answer to the case's own `expected`; None where it has none."""


Answering = Callable[[Case], Answer | Stepwise]

_claimed: dict[str, VectorFile] = {}


class VectorFile:
    """A claim on one vector file: `VectorFile("ladder")` answers for `ladder.json`.

    `not_cases` names the lists of objects in the file that are not cases, each with the reason.

    Raises:
        ValueError: another module claims the file already.
    """

    def __init__(self, name: str, *, not_cases: Mapping[str, str] | None = None) -> None:
        if name in _claimed:
            raise ValueError(f"{name}.json is claimed twice")
        self.name = name
        self.not_cases = dict(not_cases or {})
        self.case_lists: list[str] = []
        _claimed[name] = self

    def cases(
        self,
        case_list: str,
        *,
        expected_keys: Sequence[str] = ("expected",),
        step_keys: Sequence[str] = ("expected",),
        unordered: Sequence[str] = (),
        waived: Mapping[str, str] | None = None,
        partial: Sequence[str] = (),
    ) -> Callable[[Answering], Callable[[LoadedCase], None]]:
        """Decorate the function that answers `case_list`; it becomes a test, run for every case.

        `expected_keys`: the keys of a case that hold the expectation, `step_keys` those of a step.
        `unordered`: paths of lists
        whose order means nothing. `waived`: paths not compared, each with the reason. `partial`:
        mappings of which the file asks for some keys only.
        """
        leniency = Leniency(unordered, dict(waived or {}), partial)
        self.case_lists.append(case_list)

        def decorate(answering: Answering) -> Callable[[LoadedCase], None]:
            def run(loaded: LoadedCase) -> None:
                report = list(_compare(answering(loaded.case), loaded.expectation, leniency))
                if report:
                    case = loaded.case
                    title = f'{case.file}.json, {case.case_list}, "{case.name}"'
                    pytest.fail("\n  ".join([title, *report]), pytrace=False)

            run.__name__ = answering.__name__
            run.__qualname__ = answering.__qualname__
            run.__module__ = answering.__module__
            run.__doc__ = answering.__doc__
            parameters = _parameters(self.name, case_list, expected_keys, step_keys)
            return pytest.mark.parametrize("loaded", parameters)(run)

        return decorate


def claimed() -> Mapping[str, VectorFile]:
    """The claims made so far, by file name; a module makes its claims when it is imported."""
    return _claimed


def _parameters(
    file: str, case_list: str, expected_keys: Sequence[str], step_keys: Sequence[str]
) -> list[Any]:
    if file not in cases.file_names() and not cases.is_default_folder():
        # A folder given from outside may hold fewer files; in our own, a missing file is an error.
        reason = f"{cases.folder()} holds no {file}.json"
        return [pytest.param(None, id=f"no {file}.json", marks=pytest.mark.skip(reason=reason))]
    loaded = cases.load(file, case_list, expected_keys, step_keys)
    if not loaded:
        raise ValueError(f"{file}.json: {case_list} holds no case")
    return [pytest.param(entry, id=entry.case.name) for entry in loaded]


def _compare(
    answer: Answer | Stepwise, expectation: Expectation, leniency: Leniency
) -> Iterator[str]:
    given = answer if isinstance(answer, Stepwise) else Stepwise(steps=(), whole=answer)
    if expectation.whole is None and expectation.step_list is None:
        yield "the case expects nothing: name its keys with expected_keys="
    if expectation.whole is not None:
        if given.whole is None:
            yield "expected: the case has one, nobody reads it"
        else:
            yield from differences(expectation.whole, given.whole, leniency)
    if expectation.step_list is not None:
        yield from _compare_steps(given.steps, expectation, leniency)


def _compare_steps(
    answers: Sequence[Answer | None], expectation: Expectation, leniency: Leniency
) -> Iterator[str]:
    name = str(expectation.step_list)
    if len(answers) != len(expectation.steps):
        yield f"{name}: the file has {len(expectation.steps)} steps, answered {len(answers)}"
        return
    for index, (step, answer) in enumerate(zip(expectation.steps, answers, strict=True)):
        if step is None:
            continue
        if answer is None:
            yield f"{name}[{index}]: the step expects something, nobody reads it"
        else:
            yield from differences(step, answer, leniency, (name, index))
