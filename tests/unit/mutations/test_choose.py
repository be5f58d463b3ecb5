"""Which tests are run on a mutant, in which order."""

from __future__ import annotations

from mutations.choose import Chooser
from mutations.mutants import Mutant, mutants_of
from mutations.reach import Reach

PATH = "src/kingtide/control/queue.py"
USER = "src/kingtide/controllers/one/rule.py"
SOURCES = {
    PATH: "LIMIT = 5\ndef takes(size):\n    return size < LIMIT\n",
    USER: "def rule(policy):\n    return policy.LIMIT\n",
}
NEAR, FAR, WORLD = "tests/unit/control/test_queue.py::a", "tests/vectors/test_b.py::b", "tests/w::c"


def reach(cpu_ms: int, path: str, *lines: int, edges: tuple[tuple[int, int], ...] = ()) -> Reach:
    return Reach(cpu_ms, {path: list(lines)}, {path: list(edges)})


REACHED = {
    WORLD: reach(3_000, PATH, 3, edges=((3, 11),)),
    FAR: reach(10, PATH, 3),
    NEAR: reach(30, PATH, 3, edges=((3, 11),)),
    "tests/unit/other.py::d": reach(1, PATH),
    "tests/unit/user.py::e": reach(2, USER, 2),
}


def mutant(mutated: str) -> Mutant:
    return next(it for it in mutants_of(PATH, SOURCES[PATH]) if it.mutated == mutated)


def chosen(mutated: str, cpu_ms: int = 10_000) -> list[str]:
    trial = Chooser(REACHED, SOURCES).choose(mutant(mutated), "digest", cpu_ms)
    return [it.nodeid for it in trial.tests]


def test_tests_that_reach_the_statement_are_run_the_nearest_quick_first() -> None:
    assert chosen("size >= LIMIT") == [NEAR, FAR, WORLD]


def test_a_moved_boundary_is_tried_where_both_sides_were_equal() -> None:
    assert chosen("size <= LIMIT") == [NEAR, WORLD]


def test_a_constant_is_tried_where_its_name_is_used() -> None:
    assert chosen("6") == ["tests/unit/user.py::e", NEAR, FAR, WORLD]


def test_what_takes_too_long_is_left_out_and_told() -> None:
    trial = Chooser(REACHED, SOURCES).choose(mutant("size >= LIMIT"), "digest", 100)
    assert [it.nodeid for it in trial.tests] == [NEAR, FAR]
    assert not trial.is_complete
    assert trial.verdict("survived").tried_ms == 40


def test_one_test_is_run_however_long_it_takes() -> None:
    assert chosen("size >= LIMIT", cpu_ms=1) == [NEAR]
