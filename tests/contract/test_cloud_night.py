"""A whole night from both sides of the cloud: what is seen and answered is the same."""

from __future__ import annotations

import pytest

from tests.contract.cloud_sides import (
    Side,
    credentials_of_the_twin,
    definition,
    end,
    in_process,
    over_http,
    resize,
    told,
)
from tests.unit.twin.cloud.scene import ON_DEMAND, SPOT


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials_of_the_twin(monkeypatch)


def a_night(side: Side) -> list[object]:
    """Everything that is seen and answered while a group grows, fails, is reclaimed and shrinks."""
    seen: list[object] = [side.groups(), side.messages()]
    seen.append(told(side.perform(resize(ON_DEMAND, 0, 2))))
    seen.append(told(side.perform(resize(SPOT, 3, 6))))
    victim = side.groups()[SPOT].instances[1].instance_id
    for step in range(12):
        side.run_for(5_000)
        seen += [side.groups(), side.messages()]
        if step == 3:
            side.reclaim([victim])
        if step == 6:
            seen.append(told(side.perform(resize(ON_DEMAND, 2, 0))))
            seen.append(told(side.perform(end(side))))
    # Of the group that never got anything every activity is known; of the other those since it
    # first lacked an instance, which over HTTP are asked for until they end.
    seen.append(side.activities(ON_DEMAND))
    seen.append([it for it in side.activities(SPOT) if it.description.startswith("Launching")])
    return seen


def test_both_sides_tell_the_same_night() -> None:
    with in_process(definition()) as side:
        expected = a_night(side)
    with over_http(definition()) as side:
        found = a_night(side)
    assert len(expected) == len(found) > 30
    for place, (one, other) in enumerate(zip(expected, found, strict=True)):
        assert one == other, place
