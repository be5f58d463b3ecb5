from __future__ import annotations

import pytest

from kingtide.roster.naming import advice, meant
from kingtide.roster.registry import CONTROLLERS

NAMES = tuple(it.controller.name for it in CONTROLLERS.values())


@pytest.mark.parametrize("written", ["node-autoscaling", "node_autoscaling", "nodeAutoscaling"])
def test_a_controller_is_known_by_each_way_of_writing_its_name(written: str) -> None:
    assert meant(written, NAMES) == "node_autoscaling"


def test_every_key_of_a_file_is_known_as_the_controller_that_it_sets() -> None:
    for key, it in CONTROLLERS.items():
        assert meant(key, NAMES) == it.controller.name


def test_another_name_is_none_and_the_nearest_is_advised_as_it_is_typed() -> None:
    assert meant("node-autoscaler", NAMES) is None
    assert advice("nodeAutoscaler", NAMES) == "did you mean 'node-autoscaling'?"
