"""Missing instances, oldest first; and how long the others have been booting."""

from __future__ import annotations

import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Instance
from kingtide.controllers.node_autoscaling.snapshot import GroupStanding
from kingtide.controllers.node_autoscaling.template_tags import GroupOptions
from kingtide.controllers.node_autoscaling.upcoming import (
    NOTHING_UPCOMING,
    Batch,
    follow,
    renew,
)

INSTANCE = Instance("i-1", "g", CapacityPool("c5.large", "eu-west-1a", "spot"), "InService", 300)

A, B = Batch(100, 2), Batch(200, 3)


@pytest.mark.parametrize(
    ("batches", "missing", "expected"),
    [
        pytest.param((), 2, (Batch(900, 2),), id="new ones are missing since now"),
        pytest.param((A, B), 5, (A, B), id="nothing changed"),
        pytest.param((A, B), 7, (A, B, Batch(900, 2)), id="more than known"),
        pytest.param((A, B), 4, (Batch(100, 1), B), id="one came: of the oldest"),
        pytest.param((A, B), 3, (B,), id="the oldest batch is complete"),
        pytest.param((A, B), 1, (Batch(200, 1),), id="and some of the next"),
        pytest.param((A, B), 0, (), id="all came"),
    ],
)
def test_what_arrives_counts_for_the_oldest_request(
    batches: tuple[Batch, ...], missing: int, expected: tuple[Batch, ...]
) -> None:
    assert renew(batches, missing, now_ms=900) == expected


def standing(*booting: Instance) -> dict[str, GroupStanding]:
    group = AutoScalingGroup("g", 0, 9, len(booting), ("c5.large",), ("eu-west-1a",), {})
    return {
        "g": GroupStanding(
            group=group,
            min_size=0,
            max_size=9,
            options=GroupOptions(0.5, 0.5, 0, 0, ignore_daemon_sets_utilization=False),
            live=len(booting),
            booting=booting,
            starting=(),
            settled=0,
            unready=0,
            leaving={},
            template=None,
        )
    }


def test_after_a_restart_an_instance_has_been_booting_since_it_was_launched() -> None:
    restarted = follow(NOTHING_UPCOMING, standing(INSTANCE), (), now_ms=900)
    assert restarted.first_seen_ms == {"i-1": 300}
    assert follow(restarted, standing(INSTANCE), (), now_ms=950).first_seen_ms == {"i-1": 300}


def test_an_instance_that_comes_while_we_run_is_booting_since_it_was_seen() -> None:
    running = follow(NOTHING_UPCOMING, standing(), (), now_ms=600)
    seen = follow(running, standing(INSTANCE), (), now_ms=900)
    assert seen.first_seen_ms == {"i-1": 900}
