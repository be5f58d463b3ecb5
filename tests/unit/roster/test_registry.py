from __future__ import annotations

import pytest

from kingtide.control.arbitration import RANKS
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.roster.registry import CONTROLLERS, ControllerRun, loop_name


@pytest.mark.parametrize("key", CONTROLLERS)
def test_every_controller_has_a_rank_and_rights_that_its_actions_name(key: str) -> None:
    controller = CONTROLLERS[key].controller
    assert controller.name in RANKS
    assert all(action.REQUIRES for action in controller.actions)
    named = {permission for action in controller.actions for permission in action.REQUIRES}
    assert set(controller.permissions()) == named


def _rights(api: str, verb: str, *resources: str) -> set[str]:
    return {f"{api} {verb} {resource}" for resource in resources}


DRAINS = {
    "core patch nodes",
    "core create pods/eviction",
    "aws autoscaling:TerminateInstanceInAutoScalingGroup autoScalingGroup",
}
RIGHTS: dict[str, set[str]] = {
    "nodeAutoscaling": {*DRAINS, "aws autoscaling:SetDesiredCapacity autoScalingGroup"},
    "overprovisioning": {"apps patch deployments/scale"},
    "ondemandReclaim": DRAINS,
    "spotInterruption": {
        *DRAINS,
        "core delete pods",
        "apps patch deployments",
        "aws autoscaling:CompleteLifecycleAction autoScalingGroup",
        "aws autoscaling:RecordLifecycleActionHeartbeat autoScalingGroup",
        "aws sqs:DeleteMessage interruptionQueue",
    },
    "downscaling": {
        *_rights("apps", "patch", "deployments", "statefulsets", "daemonsets"),
        *_rights("batch", "patch", "cronjobs", "jobs"),
        "autoscaling patch horizontalpodautoscalers",
        "policy patch poddisruptionbudgets",
        "keda.sh patch scaledobjects",
        "argoproj.io patch rollouts",
        "zalando.org patch stacks",
        "actions.github.com patch autoscalingrunnersets",
    },
    "prescaling": {"autoscaling patch horizontalpodautoscalers"},
    "dnsAutoscaling": {"apps patch deployments/scale"},
}
"""What each controller may write, and nothing else: who adds a right adds it here on purpose."""


@pytest.mark.parametrize("key", CONTROLLERS)
def test_a_controller_has_the_rights_to_write_what_it_writes_and_no_other(key: str) -> None:
    rights = {
        f"{it.api} {it.verb} {it.resource}" + (f"/{it.subresource}" if it.subresource else "")
        for it in CONTROLLERS[key].controller.permissions()
    }
    assert rights == RIGHTS[key]


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
