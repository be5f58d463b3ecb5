"""The ring of changes: what is remembered, what is forgotten, who is woken."""

from __future__ import annotations

import asyncio

import pytest

from kingtide.twin.apiserver.history import Change, History
from kingtide.twin.apiserver.refusals import ApiRefusal


def filled(count: int, capacity: int = 4) -> History:
    """Return a history of changes at 12, 14, 16 and so on, begun at 10."""
    history = History(10, capacity)
    for number in range(count):
        history.add(Change(12 + 2 * number, None, None))
    return history


def revisions(history: History, after: int) -> list[int]:
    return [it.revision for it in history.since(history.number_after(after), 100)]


@pytest.mark.parametrize(
    ("after", "expected"),
    [(10, [12, 14, 16]), (11, [12, 14, 16]), (12, [14, 16]), (15, [16]), (16, []), (99, [])],
)
def test_what_came_after_a_revision(after: int, expected: list[int]) -> None:
    assert revisions(filled(3), after) == expected


def test_what_is_overwritten_cannot_be_gone_on_from() -> None:
    history = filled(7)
    assert history.floor == 16
    assert revisions(history, 16) == [18, 20, 22, 24]
    for forgotten in (15, 10, 0):
        with pytest.raises(ApiRefusal, match="410 Expired"):
            history.number_after(forgotten)
    with pytest.raises(ApiRefusal, match="too old resource version"):
        history.since(2, 10)


def test_a_compaction_forgets_up_to_a_revision() -> None:
    history = filled(4)
    history.compact(15)
    assert (history.floor, revisions(history, 15)) == (15, [16, 18])
    history.compact(100)
    assert (history.floor, revisions(history, 100)) == (100, [])


def test_who_waits_is_woken_once_by_many_changes() -> None:
    async def wait() -> list[int]:
        history = filled(1)
        waiting = [asyncio.create_task(history.wait(1, 60)) for _ in range(3)]
        await asyncio.sleep(0)
        for revision in (20, 22):
            history.add(Change(revision, None, None))
        await asyncio.wait_for(asyncio.gather(*waiting), 5)
        await history.wait(2, 60)  # there already
        await history.wait(3, 0.001)
        return revisions(history, 12)

    assert asyncio.run(wait()) == [20, 22]
