"""Nodes that are scaled down are left to their owner by spot_interruption, which hears of it."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.aws.autoscaling import LifecycleHook
from kingtide.control.action import TerminateInstance
from kingtide.control.message_actions import AcknowledgeMessage, CompleteLifecycleAction
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.roster.registry import ControllerRun
from kingtide.twin.audit import Write
from kingtide.twin.world import World
from tests.twin.worlds import MINUTE_MS, application, definition, group, run_for

NODES = 6
HOOK = LifecycleHook("drain", 300)


def _scaled_down(*, spot: bool, hook: LifecycleHook | None) -> list[Write]:
    """Run until six nodes, of which the pods need two, have become fewer."""
    plain = group("workers", NODES, spot=spot)
    held = msgspec.structs.replace(
        plain, group=msgspec.structs.replace(plain.group, termination_hook=hook)
    )
    world = World(
        definition(
            application("web", 20),
            groups=[held],
            controllers=(
                ControllerRun("nodeAutoscaling", NodeAutoscalingPolicy()),
                ControllerRun("spotInterruption", SpotInterruptionPolicy()),
            ),
        )
    )
    run_for(world, 30 * MINUTE_MS)
    assert world.queue.inbox == ()
    return list(world.process.audit.writes)


@pytest.mark.parametrize("hook", [None, HOOK], ids=["no hook", "a hook"])
@pytest.mark.parametrize("spot", [True, False], ids=["spot", "on-demand"])
def test_a_scale_down_leads_to_nothing_but_answers(
    *, spot: bool, hook: LifecycleHook | None
) -> None:
    writes = _scaled_down(spot=spot, hook=hook)
    ended = [it for it in writes if isinstance(it.action, TerminateInstance)]
    assert {it.controller for it in ended} == {"node_autoscaling"}
    ours = [it.action for it in writes if it.controller == "spot_interruption"]
    answers = [it for it in ours if isinstance(it, CompleteLifecycleAction)]
    assert len(answers) == (0 if hook is None else len(ended))
    told = [it for it in ours if isinstance(it, AcknowledgeMessage)]
    assert len(told) == 2 * len(ended) + len(answers), "shutting-down and terminated, of each"
    assert len(ours) == len(told) + len(answers)
