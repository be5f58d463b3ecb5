from __future__ import annotations

from collections.abc import Sequence

import pytest

from kingtide.control.action import Action
from kingtide.control.arbitration import Refusal
from kingtide.control.refusals_told import GIVEN_UP_MS, News, Standing, tell
from kingtide.control.report import Verdict
from tests.unit.control.test_arbitration import (
    RECLAIM,
    SCALE_DOWN,
    claim,
    cluster,
    cordon,
    evict,
    node,
)

NOW_MS = 1_700_000_000_000
INDEX = cluster(node("n"))


def lost(winner: str = RECLAIM) -> Refusal:
    verdict = Verdict("node/n", "refused", "ArbitrationLost", {"winner": winner})
    return Refusal("ArbitrationLost", verdict)


def after(
    before: Standing,
    actions: Sequence[Action],
    refused: Sequence[int] = (),
    at_ms: int = NOW_MS,
    winner: str = RECLAIM,
) -> News:
    return tell(before, actions, dict.fromkeys(refused, lost(winner)), INDEX, at_ms)


CLAIM, CORDON = claim("n", SCALE_DOWN), cordon("n")
STANDING = after({}, [CORDON, CLAIM], [0, 1]).standing


def test_a_refusal_is_said_when_it_is_new_or_another_one_wins() -> None:
    assert after({}, [CLAIM], [0]).new == (lost().verdict,)
    assert after(STANDING, [CLAIM], [0]).new == ()
    assert after(STANDING, [CLAIM], [0], winner="other").new == (lost("other").verdict,)


@pytest.mark.parametrize(
    ("actions", "at_ms", "has_ended"),
    [
        pytest.param([CLAIM], NOW_MS, True, id="the claim is granted"),
        pytest.param([CORDON], NOW_MS, False, id="something else on the node is granted"),
        pytest.param([evict("n")], NOW_MS, False, id="an eviction from the node is granted"),
        pytest.param([claim("m", SCALE_DOWN)], NOW_MS, False, id="another node's is granted"),
        pytest.param([], NOW_MS + GIVEN_UP_MS - 1, False, id="a pause"),
        pytest.param([], NOW_MS + GIVEN_UP_MS, True, id="nobody asks any more"),
    ],
)
def test_a_refusal_ends(actions: Sequence[Action], at_ms: int, has_ended: bool) -> None:
    news = after(STANDING, actions, at_ms=at_ms)
    assert [it.code for it in news.ended] == (["RefusalEnded"] if has_ended else [])
    assert bool(news.standing) is not has_ended


def test_a_refusal_that_is_met_again_stands_from_then() -> None:
    again = after(STANDING, [CLAIM], [0], at_ms=NOW_MS + GIVEN_UP_MS - 1)
    later = after(again.standing, [], at_ms=NOW_MS + GIVEN_UP_MS)
    assert (later.ended, later.standing) == ((), again.standing)
    late = after(STANDING, [CLAIM], [0], at_ms=NOW_MS + 2 * GIVEN_UP_MS)
    assert (late.ended, late.new) == ((), ())
