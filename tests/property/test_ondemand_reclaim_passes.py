"""Whatever is refused or forgotten on the way, a fallback ends on spot and nobody notices."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.control.action import Action, EvictPod, TerminateInstance
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    ReleaseDisruption,
    SetNodeLabel,
)
from kingtide.kube.pods import Condition
from tests.unit.controllers.ondemand_reclaim.small_world import HOUR_MS, SmallWorld

REFUSABLE: tuple[type[Action], ...] = (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    EvictPod,
    ReleaseDisruption,
    SetNodeLabel,
    TerminateInstance,
)
Trouble = tuple[int, type[Action] | None]
"""How many seconds of peace, then what is refused for a while; None: the memory is lost."""

TROUBLES = st.lists(
    st.tuples(st.integers(1, 20).map(lambda n: 5 * n), st.sampled_from((*REFUSABLE, None))),
    max_size=8,
)


def _check(world: SmallWorld, max_drains: int) -> None:
    claims = [world.claim(name) for name in world.cluster.nodes]
    active = [it for it in claims if it is not None and it.not_before_ms is None]
    assert len(active) <= max_drains


@settings(max_examples=60, deadline=None)
@given(
    fallback=st.integers(1, 6),
    per_node=st.integers(0, 4),
    max_drains=st.integers(1, 4),
    buffer_seconds=st.integers(0, 40),
    troubles=TROUBLES,
)
def test_a_fallback_ends_on_spot_whatever_happens(
    fallback: int, per_node: int, max_drains: int, buffer_seconds: int, troubles: list[Trouble]
) -> None:
    world = SmallWorld(
        max_drains=max_drains, drain_buffer_seconds=buffer_seconds, max_attempts=1_000
    )
    world.group("spot", "spot", nodes=fallback + 2)
    world.group("on-demand", "on-demand", nodes=fallback)
    for number in range(fallback + 2):
        world.pods(1, on=f"spot-{number}")
    for number in range(fallback):
        world.pods(per_node, on=f"on-demand-{number}")
    replicas = world.ready_pods("web")
    for seconds, refused in troubles:
        world.play(seconds)
        _check(world, max_drains)
        if refused is None:
            world.forget()
        else:
            world.refused[refused] = "503"
            world.play(30)
            world.refused.clear()
        _check(world, max_drains)
    world.play(6 * 3600 // 4)
    assert len(world.gone_ms) == fallback  # the world itself fails on a pod lost or evicted twice
    assert world.ready_pods("web") == replicas
    assert world.least_ready["web"] >= replicas - max(1, replicas // 10)


@settings(max_examples=30, deadline=None)
@given(heals_after=st.integers(1, 60).map(lambda n: 5 * n), forgets=st.booleans())
def test_an_ill_node_is_gone_or_works_again_and_bears_nothing_of_ours(
    heals_after: int, forgets: bool
) -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=2)
    world.node("ill", "spot", age_ms=HOUR_MS, conditions={"KernelDeadlock": _since(world, "True")})
    world.pods(3, on="ill")
    world.play(heals_after)
    if forgets:
        world.forget()
    if "ill" in world.cluster.nodes:
        world.change_node("ill", conditions={"KernelDeadlock": _since(world, "False")})
    world.play(600)
    node = world.cluster.nodes.get("ill")
    if node is not None:
        assert not node.unschedulable
        assert world.claim("ill") is None
        assert "kingtide.dev/cordoned-by" not in node.labels
    assert world.ready_pods("web") == 3


def _since(world: SmallWorld, status: str) -> Condition:
    return Condition("True" if status == "True" else "False", world.now_ms)
