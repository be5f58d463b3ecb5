from __future__ import annotations

import pytest

from kingtide.control.arbitration import RANKS
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.twin.definition import ControllerRun
from kingtide.twin.registry import CONTROLLERS, loop_name


@pytest.mark.parametrize("key", CONTROLLERS)
def test_every_controller_has_a_rank_and_rights_that_its_actions_name(key: str) -> None:
    controller = CONTROLLERS[key].controller
    assert controller.name in RANKS
    assert all(action.REQUIRES for action in controller.actions)
    named = {permission for action in controller.actions for permission in action.REQUIRES}
    assert set(controller.permissions()) == named


def test_no_two_controllers_share_a_name() -> None:
    names = [it.controller.name for it in CONTROLLERS.values()]
    assert len(names) == len(set(names))


def test_loops_of_one_controller_are_numbered_among_themselves() -> None:
    pauses = [ControllerRun("overprovisioning", OverprovisioningPolicy())] * 2
    runs = [pauses[0], ControllerRun("nodeAutoscaling", CONTROLLERS["nodeAutoscaling"].policy())]
    runs.append(pauses[1])
    assert [loop_name(runs, place) for place in range(3)] == [
        "overprovisioning/0", "node_autoscaling", "overprovisioning/1",
    ]  # fmt: skip
