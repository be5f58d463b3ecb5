import msgspec
import pytest

from kingtide.control import action as actions
from kingtide.control.action import Action, EvictPod, SetDesiredCapacity

ALL = sorted(
    (it for it in vars(actions).values() if isinstance(it, type) and issubclass(it, Action)),
    key=lambda it: it.__name__,
)
CONCRETE = [it for it in ALL if it is not Action]


@pytest.mark.parametrize("action", CONCRETE, ids=lambda it: it.__name__)
def test_every_action_says_which_rights_it_needs(action: type[Action]) -> None:
    assert action.REQUIRES


@pytest.mark.parametrize("action", CONCRETE, ids=lambda it: it.__name__)
def test_an_action_is_written_under_its_own_name(action: type[Action]) -> None:
    info = msgspec.inspect.type_info(action)
    assert isinstance(info, msgspec.inspect.StructType)
    assert (info.tag_field, info.tag) == ("action", action.__name__)


def test_an_action_cannot_be_changed_after_it_was_decided() -> None:
    decided = SetDesiredCapacity(reason="more", group="g", desired=2, expected_desired=1)
    with pytest.raises(AttributeError):
        decided.desired = 3  # type: ignore[misc]  # that is what is refused


def test_equal_actions_are_equal_values() -> None:
    first = EvictPod(reason="drain", namespace="a", name="b", uid="c")
    assert first == EvictPod(reason="drain", namespace="a", name="b", uid="c")
    assert first.grace_seconds is None
