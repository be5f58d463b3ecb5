"""A node that is given back is left alone: until when, exactly."""

from __future__ import annotations

import pytest

from kingtide.control.node_actions import SetNodeLabel
from kingtide.controllers.ondemand_reclaim.marks import GIVEN_UP_UNTIL, given_up_until_ms
from tests.unit.controllers.ondemand_reclaim.small_world import NOW_MS
from tests.unit.controllers.ondemand_reclaim.test_reclaim_passes import world_with
from tests.unit.controlplane.scheduling.situations import node

NODE = "on-demand-0"


def test_a_node_uncordoned_by_hand_is_left_alone_for_as_long_as_the_policy_says() -> None:
    # So long that a thousandth of it is more than the 5 s of a pass.
    world = world_with(give_up_seconds=86_400)
    world.play(20)
    world.change_node(NODE, unschedulable=False)
    begin_ms = world.now_ms
    for _ in range(6):
        begin_ms = world.now_ms
        if "DrainVetoed" in world.play(5):
            break
    labels = [it for it in world.performed if isinstance(it, SetNodeLabel)]
    (mark,) = [it for it in labels if it.key == GIVEN_UP_UNTIL]
    assert mark.node == NODE
    assert mark.value is not None
    passed_ms = int(mark.value) * 1000 - 86_400_000
    assert NOW_MS < begin_ms <= passed_ms <= world.now_ms


@pytest.mark.parametrize(
    ("text", "until_ms"),
    [
        ("1800000000", 1_800_000_000_000),
        ("99999999999999", 99_999_999_999_999_000),
        ("999999999999999", 0),
        ("soon", 0),
        (None, 0),
    ],
)
def test_a_mark_that_is_no_time_keeps_nobody_away(text: str | None, until_ms: int) -> None:
    labels = {} if text is None else {GIVEN_UP_UNTIL: text}
    assert given_up_until_ms(node("n", labels=labels)) == until_ms
