from collections import Counter

import pytest

from kingtide.control.chance import Chance

OPTIONS = ("a", "b", "c", "d")


def test_the_same_seed_controller_and_key_choose_alike() -> None:
    picks = [Chance(1, "scaler").pick(f"key/{n}", OPTIONS) for n in range(50)]
    assert picks == [Chance(1, "scaler").pick(f"key/{n}", OPTIONS) for n in range(50)]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda n: Chance(2, "scaler").pick(f"key/{n}", OPTIONS), id="seed"),
        pytest.param(lambda n: Chance(1, "other").pick(f"key/{n}", OPTIONS), id="controller"),
        pytest.param(lambda n: Chance(1, "scaler").pick(f"another/{n}", OPTIONS), id="key"),
    ],
)
def test_another_seed_controller_or_key_chooses_independently(other: object) -> None:
    assert callable(other)
    same = sum(Chance(1, "scaler").pick(f"key/{n}", OPTIONS) == other(n) for n in range(400))
    assert 60 <= same <= 140  # a quarter of 400, five standard deviations around


def test_every_option_has_its_share() -> None:
    counts = Counter(Chance(1, "scaler").pick(str(n), OPTIONS) for n in range(4_000))
    assert all(860 <= counts[option] <= 1_140 for option in OPTIONS)


def test_choices_are_the_same_on_every_machine_and_for_ever() -> None:
    # From blake2b("42/x/first"); another figure would make every rehearsal another night.
    assert Chance(42, "x").pick("first", range(1_000_000)) == 865_834


def test_there_must_be_something_to_choose_from() -> None:
    with pytest.raises(ValueError, match="nothing to pick from"):
        Chance(1, "scaler").pick("key", ())
