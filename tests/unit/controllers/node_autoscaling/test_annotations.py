"""Whole passes in which annotations have a say."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.control.action import AddTaint, EvictPod, TerminateInstance
from kingtide.fleet.policies.node_autoscaling import ScaleDownPolicy
from kingtide.kube.pods import Container, Pod, PodSpec, Volume
from kingtide.kube.taints import Taint
from tests.unit.controllers.node_autoscaling.situation import (
    MINUTE_MS,
    START_MS,
    Situation,
    codes,
    of_kind,
    requests,
    terminated,
    verdict,
)

PREFIX = "cluster-autoscaler.kubernetes.io/"
DELAY = "delay-deletion.cluster-autoscaler.kubernetes.io/csi"
DAEMON_LIKE = {f"{PREFIX}daemonset-pod": "true"}


def one_node_to_go(**settings: Any) -> Situation:
    """Two nodes, the second too full to go, so that the first may."""
    down = ScaleDownPolicy(unneeded_seconds=60, delay_after_add_seconds=0, **settings)
    situation = Situation(scale_down=down)
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-1", app="keeps")
    return situation


def pod_of(situation: Situation, **changes: Any) -> Pod:
    (pod,) = situation.pods(1, on="spot-0", cpu=100, **changes)
    return pod


def daemon_of(situation: Situation, said: str | None = None) -> Pod:
    """A pod that belongs to the node that goes, as a DaemonSet's does."""
    annotations = {} if said is None else {f"{PREFIX}enable-ds-eviction": said}
    return pod_of(situation, app="logs", annotations={**annotations, **DAEMON_LIKE})


def taint(situation: Situation) -> None:
    """Have the node tainted and seen so."""
    situation.run()
    (added,) = of_kind(situation.run(seconds=61), AddTaint)
    assert added.node == "spot-0"
    assert isinstance(added.taint, Taint)
    situation.change_node("spot-0", taints=(added.taint,))
    situation.answer(added)


@pytest.mark.parametrize(
    ("said", "goes"),
    [
        pytest.param("true", True, id="true lifts what would block"),
        pytest.param("false", False, id="false blocks"),
        pytest.param(None, False, id="nothing said, so its local storage blocks"),
    ],
)
def test_safe_to_evict(said: str | None, goes: bool) -> None:
    situation = one_node_to_go()
    annotations = {} if said is None else {f"{PREFIX}safe-to-evict": said}
    spec = PodSpec((Container("main"),), volumes=(Volume("scratch", "emptyDir"),))
    pod_of(situation, annotations=annotations, spec=spec)
    situation.run()
    assert bool(of_kind(situation.run(seconds=61), AddTaint)) is goes


def test_on_completion_keeps_the_node_until_the_pod_has_ended() -> None:
    situation = one_node_to_go()
    pod = pod_of(situation, annotations={f"{PREFIX}safe-to-evict": "on-completion"})
    told = verdict(situation.run(), "BlockedByOnCompletionPod")
    assert told.details["detail"] == pod.key
    situation.change_pod(pod.uid, phase="Failed")
    situation.run(seconds=301)
    assert len(of_kind(situation.run(seconds=61), AddTaint)) == 1


@pytest.mark.parametrize(
    ("listed", "goes"), [("scratch,cache", True), ("scratch", False), ("", False)]
)
def test_safe_to_evict_local_volumes(listed: str, goes: bool) -> None:
    situation = one_node_to_go()
    spec = PodSpec(
        (Container("main"),), volumes=(Volume("scratch", "emptyDir"), Volume("cache", "hostPath"))
    )
    annotations = {f"{PREFIX}safe-to-evict-local-volumes": listed}
    pod_of(situation, annotations=annotations, spec=spec)
    situation.run()
    assert bool(of_kind(situation.run(seconds=61), AddTaint)) is goes


def test_a_pod_said_to_be_like_a_daemon_needs_no_other_place() -> None:
    situation = one_node_to_go()
    situation.pods(1, on="spot-0", cpu=1900, app="agent", annotations=DAEMON_LIKE)
    situation.run()
    assert verdict(situation.run(seconds=61), "RemovalBegan").details["how"] == "it is empty"


@pytest.mark.parametrize(
    ("by_default", "said", "evicted"),
    [
        pytest.param(True, None, True, id="by default"),
        pytest.param(True, "false", False, id="by default, but not this one"),
        pytest.param(False, "true", True, id="not by default, but this one"),
        pytest.param(False, None, False, id="not by default"),
    ],
)
def test_enable_ds_eviction_on_an_occupied_node(
    by_default: bool, said: str | None, evicted: bool
) -> None:
    situation = one_node_to_go(evict_daemon_sets_from_occupied_nodes=by_default)
    pod = pod_of(situation)
    daemon = daemon_of(situation, said)
    taint(situation)
    decision = situation.run(seconds=10)
    uids = [it.uid for it in of_kind(decision, EvictPod)]
    assert uids == ([pod.uid, daemon.uid] if evicted else [pod.uid])
    situation.remove_pod(pod.uid)
    decision = situation.run(seconds=10)
    assert of_kind(decision, EvictPod) == [], "once, and nobody waits for it"
    assert terminated(decision) == ["i-spot-0"]


def test_a_daemon_that_is_made_again_is_not_evicted_again() -> None:
    situation = one_node_to_go()
    pod = pod_of(situation)
    daemon = daemon_of(situation)
    taint(situation)
    situation.run(seconds=10)
    situation.remove_pod(daemon.uid)
    daemon_of(situation)
    assert of_kind(situation.run(seconds=10), EvictPod) == []
    situation.remove_pod(pod.uid)
    assert terminated(situation.run(seconds=10)) == ["i-spot-0"]


@pytest.mark.parametrize("said", ["true", None])
def test_enable_ds_eviction_on_an_empty_node(said: str | None) -> None:
    situation = one_node_to_go()
    daemon = daemon_of(situation, said)
    taint(situation)
    decision = situation.run(seconds=10)
    assert [it.uid for it in of_kind(decision, EvictPod)] == ([daemon.uid] if said else [])
    assert terminated(decision) == ([] if said else ["i-spot-0"])
    if said:
        assert terminated(situation.run(seconds=10)) == ["i-spot-0"]


def test_delay_deletion_is_waited_for_until_it_is_taken_off() -> None:
    situation = one_node_to_go()
    situation.change_node("spot-0", annotations={DELAY: ""})
    taint(situation)
    decision = situation.run(seconds=10)
    assert terminated(decision) == []
    assert verdict(decision, "RemovalDelayed").details["annotation"] == DELAY
    assert codes(situation.run(seconds=60), "node/spot-0") == []
    situation.change_node("spot-0", annotations={})
    assert terminated(situation.run(seconds=10)) == ["i-spot-0"]


def test_delay_deletion_is_not_waited_for_for_ever() -> None:
    situation = one_node_to_go(node_deletion_delay_seconds=120)
    situation.change_node("spot-0", annotations={DELAY: ""})
    taint(situation)
    assert terminated(situation.run(seconds=10)) == []
    assert terminated(situation.run(seconds=119)) == []
    assert len(of_kind(situation.run(seconds=1), TerminateInstance)) == 1


def test_pod_scale_up_delay_lets_a_pod_wait_before_it_causes_a_node() -> None:
    situation = Situation()
    situation.group("spot")
    situation.pods(3, age_ms=0, annotations={f"{PREFIX}pod-scale-up-delay": "10m"})
    decision = situation.run()
    assert requests(decision) == {}
    assert decision.wake_at_ms == START_MS + 10_000
    assert requests(situation.run(seconds=595)) == {}
    assert situation.run().wake_at_ms == START_MS + 10 * MINUTE_MS
    assert requests(situation.run(seconds=5)) == {"spot": (0, 1)}


@pytest.mark.parametrize(
    ("said", "asked_after_seconds"),
    [
        pytest.param("1m", 300, id="less than the setting does not count"),
        pytest.param("soon", 300, id="what is no duration does not count"),
        pytest.param("400s", 400, id="more counts"),
    ],
)
def test_pod_scale_up_delay_can_only_ask_for_more(said: str, asked_after_seconds: int) -> None:
    situation = Situation(new_pod_scale_up_delay_seconds=300)
    situation.group("spot")
    situation.pods(3, age_ms=0, annotations={f"{PREFIX}pod-scale-up-delay": said})
    assert requests(situation.run(seconds=asked_after_seconds - 1)) == {}
    assert requests(situation.run(seconds=1)) == {"spot": (0, 1)}


def test_expendable_pods_keep_no_node() -> None:
    situation = one_node_to_go()
    (bare,) = situation.pods(1, on="spot-0", cpu=100, priority=-11, bare=True)
    situation.run()
    decision = situation.run(seconds=61)
    (added,) = of_kind(decision, AddTaint)
    situation.change_node("spot-0", taints=(added.taint,))
    assert [it.uid for it in of_kind(situation.run(seconds=10), EvictPod)] == [bare.uid]
