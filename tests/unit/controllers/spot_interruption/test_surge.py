"""One replica more for a Deployment that cannot lose a pod: for whom, how many, how long."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.workload_actions import ScaleDeployment
from kingtide.controllers.spot_interruption.leaving import Leaving
from kingtide.controllers.spot_interruption.surge import (
    SURGED,
    Surged,
    Surges,
    Surging,
    begin,
    deployment_of,
    is_surge,
    look,
    mark_of,
    take_back,
)
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.pods import OwnerReference, Pod
from tests.unit.controllers.spot_interruption.situation import START_MS, Situation

NO_SURGES = Surges()
POLICY = SpotInterruptionPolicy(pod_start_seconds=50, surge_max_replicas=3, max_surges=2)


def situation_with(*apps: str, replicas: int = 1) -> tuple[Situation, list[Pod]]:
    """Deployments that their budgets let lose no pod, one of which each stands on node `n`."""
    situation = Situation()
    situation.node("n")
    pods = []
    for app in apps:
        situation.deployment(app, replicas)
        pods += situation.pods(1, on="n", app=app)
        situation.budget(app, minimum=replicas)
    return situation, pods


def leaving(situation: Situation, pod: Pod, latest_ms: int | None = None) -> Leaving:
    owner = "" if pod.owner is None else pod.owner.name
    node = situation.cluster.nodes["n"]
    return Leaving(pod, node, None, latest_ms, START_MS, owner)


def given(
    situation: Situation, pods: list[Pod], surges: Surges = NO_SURGES, latest_ms: int | None = None
) -> list[str]:
    """The Deployments that are given a replica more."""
    all_leaving = [leaving(situation, it, latest_ms) for it in pods]
    found = begin(all_leaving, situation.cluster, surges, POLICY, START_MS)
    return [it.name for it in found]


def mark(situation: Situation, app: str, replicas: int, since_ms: int, size: int) -> None:
    """Have a Deployment bear our mark."""
    old = situation.cluster.scalables[f"Deployment/shop/{app}"]
    text = msgspec.json.encode(Surged(replicas, since_ms)).decode()
    marked = msgspec.structs.replace(old, annotations={SURGED: text}, size=size)
    situation.cluster.apply(old, marked)


@pytest.mark.parametrize(
    ("under_way", "expected"),
    [
        pytest.param(0, ["a", "b"], id="two of three, as many as may be"),
        pytest.param(1, ["a"], id="one is under way"),
        pytest.param(2, [], id="as many as may be are under way"),
        pytest.param(3, [], id="more than may be, since the setting was lowered"),
    ],
)
def test_no_more_deployments_have_a_replica_more_at_once_than_are_set(
    under_way: int, expected: list[str]
) -> None:
    situation, pods = situation_with("a", "b", "c")
    surges = Surges(marked=tuple(f"Deployment/shop/other-{it}" for it in range(under_way)))
    assert given(situation, pods, surges) == expected


def test_of_several_pods_of_one_deployment_one_gives_it_one_more() -> None:
    situation, pods = situation_with("a", "b")
    more = situation.pods(2, on="n", app="a")
    situation.budget("a", minimum=3)
    assert given(situation, [*more, *pods]) == ["a", "b"]


@pytest.mark.parametrize(
    ("left_ms", "expected"),
    [
        pytest.param(50_000, ["a"], id="one more can be Ready in time"),
        pytest.param(49_999, [], id="it would come too late"),
        pytest.param(None, ["a"], id="nobody says until when"),
    ],
)
def test_a_replica_more_is_given_where_it_can_be_ready_before_the_pod_has_to_leave(
    left_ms: int | None, expected: list[str]
) -> None:
    situation, pods = situation_with("a")
    latest_ms = None if left_ms is None else START_MS + left_ms
    assert given(situation, pods, latest_ms=latest_ms) == expected


@pytest.mark.parametrize(
    ("replicas", "expected"),
    [pytest.param(3, ["a"], id="few enough"), pytest.param(4, [], id="too many to be missed one")],
)
def test_only_small_deployments_are_given_one_more_unasked(
    replicas: int, expected: list[str]
) -> None:
    situation, pods = situation_with("a", replicas=replicas)
    assert given(situation, pods) == expected


def test_a_replica_more_is_one_more_and_says_what_there_was() -> None:
    situation, pods = situation_with("a", replicas=2)
    (scale,) = begin(
        [leaving(situation, pods[0])], situation.cluster, Surges(), POLICY, START_MS
    )  # fmt: skip
    assert (scale.expected_replicas, scale.replicas) == (2, 3)
    assert scale.annotations == ((SURGED, f'{{"replicas":2,"since_ms":{START_MS}}}'),)
    assert is_surge(scale)


@pytest.mark.parametrize(
    ("replicas", "expected"),
    [pytest.param(3, True, id="more"), pytest.param(2, False, id="the mark alone is taken off"),
     pytest.param(1, False, id="less")],
)  # fmt: skip
def test_a_scale_is_a_surge_where_it_gives_more(replicas: int, expected: bool) -> None:
    scale = ScaleDeployment(
        namespace="shop", name="a", uid="u", replicas=replicas, expected_replicas=2, reason=""
    )
    assert is_surge(scale) == expected


@pytest.mark.parametrize(
    ("since_ms", "holds"),
    [
        pytest.param(START_MS - 49_999, True, id="the one more may not be Ready yet"),
        pytest.param(START_MS - 50_000, False, id="it has had its time"),
    ],
)
def test_a_pod_waits_for_its_replica_more_as_long_as_a_pod_starts(
    since_ms: int, holds: bool
) -> None:
    situation, (pod, other) = situation_with("a", "b")
    mark(situation, "a", 1, since_ms, size=2)
    surges = Surges(marked=("Deployment/shop/a",))
    surging = Surging(surges, (), situation.cluster, 50_000, START_MS)
    assert surging.holds(leaving(situation, pod)) == holds
    assert not surging.holds(leaving(situation, other))


def test_a_pod_of_no_deployment_waits_for_no_replica_more() -> None:
    situation, (pod,) = situation_with("a")
    mark(situation, "a", 1, START_MS, size=2)
    surging = Surging(
        Surges(marked=("Deployment/shop/a",)), (), situation.cluster, 50_000, START_MS
    )
    bare = msgspec.structs.replace(pod, owner=None)
    job = msgspec.structs.replace(pod, owner=OwnerReference("Job", "a-5d"))
    assert surging.holds(leaving(situation, pod))
    assert not surging.holds(leaving(situation, bare))
    assert deployment_of(job, situation.cluster) is None
    assert deployment_of(bare, situation.cluster) is None


@pytest.mark.parametrize(
    ("size", "replicas"),
    [
        pytest.param(2, 1, id="ours is taken back"),
        pytest.param(3, 3, id="somebody gave more: only the mark goes"),
        pytest.param(1, 1, id="somebody took it back already"),
    ],
)
def test_a_replica_more_is_taken_back_unless_somebody_else_has_scaled(
    size: int, replicas: int
) -> None:
    situation, _ = situation_with("a")
    mark(situation, "a", 1, START_MS, size=size)
    surges = look(Surges(), situation.cluster)
    assert surges.marked == ("Deployment/shop/a",)
    (scale,) = take_back(surges, {}, situation.cluster)
    assert (scale.expected_replicas, scale.replicas) == (size, replicas)
    assert take_back(surges, {"Deployment/shop/a": None}, situation.cluster) == ()


def test_marks_are_followed_as_deployments_change() -> None:
    situation, _ = situation_with("a", "b")
    situation.scaled_by_hpa("a")
    surges = look(Surges(), situation.cluster)
    assert surges.marked == ()
    mark(situation, "b", 1, START_MS, size=2)
    surges = look(surges, situation.cluster)
    assert surges.marked == ("Deployment/shop/b",)
    assert look(surges, situation.cluster) is surges
    old = situation.cluster.scalables["Deployment/shop/b"]
    situation.cluster.apply(old, msgspec.structs.replace(old, annotations={SURGED: "spoilt"}))
    assert mark_of(situation.cluster.scalables["Deployment/shop/b"]) is None
    assert look(surges, situation.cluster).marked == ()
