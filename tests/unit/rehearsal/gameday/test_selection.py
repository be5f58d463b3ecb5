from __future__ import annotations

import pytest

from kingtide.rehearsal.gameday.selection import ALL, Selection, selection_of
from kingtide.twin.faults.catalogue import DrawnFault
from kingtide.twin.faults.zone_loss import ZoneLoss

FAULT = ZoneLoss(from_ms=0, until_ms=1, zone="eu-west-3a")
DRAWN = tuple(
    DrawnFault(kind, number, FAULT) for kind, number in (("ice", 1), ("ice", 2), ("zone-loss", 1))
)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), ["ice#1", "ice#2", "zone-loss#1"]),
        (("ice",), ["ice#1", "ice#2"]),
        (("ice#2", "zone-loss"), ["ice#2", "zone-loss#1"]),
        (("ice#9",), []),
        (("none",), []),
        ((" ice ", ""), ["ice#1", "ice#2"]),
    ],
    ids=["nothing-said", "a-kind", "one-and-a-kind", "one-not-drawn", "none", "with-spaces"],
)
def test_a_selection_takes_kinds_and_single_faults(
    words: tuple[str, ...], names: list[str]
) -> None:
    assert [it.name for it in selection_of(words).of(DRAWN)] == names


def test_nothing_said_is_everything() -> None:
    assert selection_of(()) == ALL == Selection(None)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("icy", "no kind of fault 'icy'; did you mean 'ice'?"),
        ("ice#0", "write for example ice#1"),
        ("ice#x", "write for example ice#1"),
    ],
)
def test_a_word_that_means_nothing_is_refused_with_advice(word: str, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("?", r"\?")):
        selection_of((word,))
