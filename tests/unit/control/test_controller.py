import pytest

from kingtide.control.action import EvictPod, PatchScale, Permission, SetDesiredCapacity
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller, UndeclaredAction, check_declared
from kingtide.control.decision import Decision
from kingtide.control.report import Phrases
from kingtide.control.snapshot import Snapshot


def stay(
    snapshot: Snapshot, policy: None, memory: int, now_ms: int, chance: Chance
) -> Decision[int]:
    return Decision(memory)


CONTROLLER: Controller[None, int] = Controller(
    "test", (SetDesiredCapacity, EvictPod, EvictPod), ("nodes",), Phrases({}), int, stay
)
EVICT = EvictPod(reason="drain", namespace="a", name="b", uid="c")
SCALE = PatchScale(reason="grow", namespace="a", name="b", replicas=2, expected_replicas=1)


def test_the_rights_of_a_controller_are_those_of_its_actions_sorted_and_once() -> None:
    assert CONTROLLER.permissions() == (
        Permission("aws", "autoscaling:SetDesiredCapacity", "autoScalingGroup"),
        Permission("core", "create", "pods", "eviction"),
    )


def test_a_declared_action_passes() -> None:
    check_declared(CONTROLLER, Decision(0, (EVICT,)))


def test_an_undeclared_action_is_a_defect_and_names_both() -> None:
    with pytest.raises(UndeclaredAction, match="test does not declare PatchScale"):
        check_declared(CONTROLLER, Decision(0, (EVICT, SCALE)))
