from __future__ import annotations

import msgspec
import pytest

from kingtide.live.kubernetes.observing.waiting import Waiting


class It(msgspec.Struct, frozen=True):
    name: str
    version: int
    uid: str = "u"


ONE, TWO, NEW = It("a", 1), It("a", 2), It("a", 3, "v")
Change = tuple[It | None, It | None]

CASES: dict[str, tuple[list[Change], list[Change]]] = {
    "comes": ([(None, ONE)], [(None, ONE)]),
    "comes and changes": ([(None, ONE), (ONE, TWO)], [(None, TWO)]),
    "changes twice": ([(ONE, TWO), (TWO, ONE)], [(ONE, ONE)]),
    "comes and goes": ([(None, ONE), (ONE, None)], []),
    "changes and goes": ([(ONE, TWO), (TWO, None)], [(ONE, None)]),
    "goes and comes back": ([(ONE, None), (None, TWO)], [(ONE, TWO)]),
    "is made anew": ([(ONE, None), (None, NEW)], [(ONE, None), (None, NEW)]),
    "comes, goes, and is made anew": ([(None, ONE), (ONE, None), (None, NEW)], [(None, NEW)]),
    "is made anew and goes": ([(ONE, None), (None, NEW), (NEW, None)], [(ONE, None)]),
}


@pytest.mark.parametrize(("told", "taken"), CASES.values(), ids=CASES)
def test_an_object_waits_once_from_what_was_known_to_what_is(
    told: list[Change], taken: list[Change]
) -> None:
    waiting = Waiting()
    for change in told:
        waiting.sink("It")(*change)
    assert len(waiting) <= 1
    assert [*waiting.take()] == taken
    assert (len(waiting), [*waiting.take()]) == (0, [])


def test_objects_of_one_name_and_different_kinds_wait_beside_each_other() -> None:
    waiting = Waiting()
    waiting.sink("It")(None, ONE)
    waiting.sink("Other")(None, TWO)
    assert [*waiting.take()] == [(None, ONE), (None, TWO)]


def test_every_object_that_begins_to_wait_is_announced() -> None:
    announced: list[int] = []
    waiting = Waiting(lambda: announced.append(1))
    waiting.sink("It")(None, ONE)
    waiting.sink("It")(ONE, TWO)
    assert len(announced) == 1
