"""The seed tree."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kingtide.twin.seed import SeedTree


def test_a_draw_depends_on_seed_component_entity_and_number() -> None:
    draw = SeedTree(1).draw("cloud/instance", "spot-nodes", 7)
    assert draw == SeedTree(1).draw("cloud/instance", "spot-nodes", 7)
    others = {
        "seed": SeedTree(2).draw("cloud/instance", "spot-nodes", 7),
        "component": SeedTree(1).draw("cloud/activity", "spot-nodes", 7),
        "entity": SeedTree(1).draw("cloud/instance", "on-demand", 7),
        "number": SeedTree(1).draw("cloud/instance", "spot-nodes", 8),
    }
    assert draw not in others.values()


def test_a_draw_does_not_depend_on_the_draws_before_it() -> None:
    seeds = SeedTree(1)
    for number in range(100):
        seeds.draw("cluster/kubelet", "pod", number)
    assert seeds.draw("cloud/zone", "group") == SeedTree(1).draw("cloud/zone", "group")


def test_a_negative_or_large_seed_is_a_seed() -> None:
    draws = [SeedTree(seed).draw("a", "b") for seed in (-1, 0, 1, 1 << 80)]
    assert len(dict.fromkeys(draws)) == 4


def test_below_stays_below_and_reaches_everything() -> None:
    seeds = SeedTree(3)
    drawn = [seeds.below(5, "a", "b", number) for number in range(200)]
    assert sorted(dict.fromkeys(drawn)) == [0, 1, 2, 3, 4]


def test_below_is_even() -> None:
    seeds = SeedTree(3)
    drawn = [seeds.below(4, "a", "b", number) for number in range(8_000)]
    # 2,000 each are expected; five standard deviations (39 each) are no accident.
    assert all(abs(drawn.count(value) - 2_000) < 195 for value in range(4))


def test_below_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="positive"):
        SeedTree(1).below(0, "a", "b")


@pytest.mark.parametrize(("parts_per_million", "always"), [(0, False), (1_000_000, True)])
def test_the_impossible_never_and_the_certain_always_happens(
    parts_per_million: int, always: bool
) -> None:
    seeds = SeedTree(9)
    happened = [seeds.happens(parts_per_million, "a", "b", number) for number in range(50)]
    assert happened == [always] * 50


def test_draws_do_not_depend_on_the_hash_seed_of_python() -> None:
    code = "from kingtide.twin.seed import SeedTree; print(SeedTree(5).draw('a', 'b', 3))"
    drawn = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    ]
    assert drawn == [str(SeedTree(5).draw("a", "b", 3))] * 2
