"""Which nodes are unneeded: what is kept of what was seen, what is counted, how long it holds."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.room import Room
from kingtide.controllers.node_autoscaling.candidates import (
    Candidates,
    Simulated,
    judge_touched,
    needs_simulation,
    simulate,
    without_promised,
)
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy, ScaleDownPolicy
from kingtide.kube.pods import Condition, OwnerReference
from tests.unit.controllers.node_autoscaling.situation import START_MS, Situation

UNNEEDED = Simulated(START_MS - 7)
REFUSED = Simulated(None, code="NoPlaceToMovePods", until_ms=START_MS + 1)


def judged_anew(situation: Situation, known: Simulated | None, *touched: str) -> Candidates:
    """What is known after another look at nodes, of which the simulation said `known`."""
    situation.run()
    before = situation.memory.candidates
    simulated = {} if known is None else {"spot-0": known}
    fleet = msgspec.structs.replace(situation.memory.fleet, touched=touched)
    return judge_touched(
        Candidates(before.judged, simulated), situation.cluster, fleet, situation.policy, START_MS
    )


@pytest.mark.parametrize(
    ("known", "cpu", "kept"),
    [
        pytest.param(
            UNNEEDED, 100, msgspec.structs.replace(UNNEEDED, is_touched=True),
            id="unneeded: its clock runs on",
        ),
        pytest.param(REFUSED, 100, None, id="kept by a pod: it is looked at anew"),
        pytest.param(UNNEEDED, 3_000, None, id="needed now"),
        pytest.param(REFUSED, 3_000, None, id="needed now, and refused before"),
        pytest.param(None, 100, None, id="never looked at"),
    ],
)  # fmt: skip
def test_of_a_node_that_changed_only_the_clock_is_kept_while_it_may_still_go(
    known: Simulated | None, cpu: int, kept: Simulated | None
) -> None:
    situation = Situation()
    situation.group("spot", nodes=1)
    situation.pods(1, on="spot-0", cpu=cpu)
    assert judged_anew(situation, known, "spot-0").simulated.get("spot-0") == kept


def test_of_a_node_that_did_not_change_everything_is_kept() -> None:
    situation = Situation()
    situation.group("spot", nodes=2)
    found = judged_anew(situation, REFUSED, "spot-1")
    assert found.simulated == {"spot-0": REFUSED}


def test_of_a_node_that_went_nothing_is_kept() -> None:
    situation = Situation()
    situation.group("spot", nodes=1)
    found = judged_anew(situation, UNNEEDED, "spot-0", "never-seen")
    assert list(found.simulated) == ["spot-0"]
    situation.remove_node("spot-0")
    situation.lose("spot", "i-spot-0")
    assert judged_anew(situation, UNNEEDED, "spot-0").simulated == {}


def simulated(situation: Situation, known: dict[str, Simulated]) -> Candidates:
    situation.run()
    candidates = Candidates(situation.memory.candidates.judged, known)
    room = Room(situation.cluster, [], ())
    return simulate(candidates, situation.cluster, room, {}, situation.policy, situation.now_ms)


@pytest.mark.parametrize(
    ("until_ms", "is_kept"),
    [
        pytest.param(START_MS + 1, True, id="what keeps it holds"),
        pytest.param(START_MS, False, id="it is time to look again"),
    ],
)
def test_a_node_that_something_keeps_is_not_looked_at_until_its_time(
    until_ms: int, is_kept: bool
) -> None:
    situation = Situation()
    situation.group("spot", nodes=1)
    known = Simulated(None, code="BlockedByPod", detail="shop/was-there", until_ms=until_ms)
    found = simulated(situation, {"spot-0": known})
    assert found.simulated["spot-0"] == (known if is_kept else Simulated(START_MS))


def test_only_so_many_nodes_with_pods_are_simulated_in_a_pass_and_all_the_empty_ones() -> None:
    scale_down = ScaleDownPolicy(candidates_max_non_empty=2)
    situation = Situation(scale_down=scale_down)
    situation.group("spot", nodes=6)
    situation.group("keeps", nodes=1)
    for number in range(4):
        situation.pods(1, on=f"spot-{number}", cpu=100, bare=True)
    situation.pods(3, on="keeps-0", app="keeps")
    found = simulated(situation, {})
    assert sorted(found.simulated) == ["spot-0", "spot-1", "spot-4", "spot-5"]


def test_what_keeps_a_node_holds_for_the_time_set() -> None:
    situation = Situation(scale_down=ScaleDownPolicy(recheck_unremovable_seconds=300))
    situation.group("spot", nodes=1)
    situation.pods(1, on="spot-0", cpu=100, bare=True)
    assert simulated(situation, {}).simulated["spot-0"].until_ms == START_MS + 300_000


def test_a_node_on_which_pods_found_a_place_is_looked_at_again_in_the_next_pass() -> None:
    policy = NodeAutoscalingPolicy(scan_interval_seconds=10)
    known = Candidates(simulated={"a": UNNEEDED, "b": UNNEEDED})
    found = without_promised(known, ["b", "not-a-candidate"], policy, START_MS)
    promised = Simulated(None, code="PromisedToWaitingPods", until_ms=START_MS + 10_000)
    assert found.simulated == {"a": UNNEEDED, "b": promised}


@pytest.mark.parametrize(
    ("candidates", "needed"),
    [
        pytest.param(Candidates(), False, id="nobody"),
        pytest.param(Candidates(is_stale=True), True, id="something changed"),
        pytest.param(Candidates(simulated={"a": UNNEEDED}), False, id="unneeded nodes stay so"),
        pytest.param(Candidates(simulated={"a": REFUSED}), False, id="what keeps it holds"),
        pytest.param(
            Candidates(simulated={"a": msgspec.structs.replace(REFUSED, until_ms=START_MS)}),
            True,
            id="its time has come",
        ),
    ],
)
def test_nodes_are_simulated_again_when_something_changed_or_a_time_has_come(
    candidates: Candidates, needed: bool
) -> None:
    assert needs_simulation(candidates, START_MS) == needed


def percent(situation: Situation) -> int:
    situation.run()
    return situation.memory.candidates.judged["spot-0"].utilization_percent


DAEMON = OwnerReference("DaemonSet", "agent")


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [
        pytest.param(False, 75, id="daemons count"),
        pytest.param(True, 50, id="daemons are taken off both sides"),
    ],
)
def test_daemons_count_as_use_unless_they_are_ignored(ignored: bool, expected: int) -> None:
    situation = Situation(scale_down=ScaleDownPolicy(ignore_daemon_sets_utilization=ignored))
    situation.group("spot", nodes=1)
    situation.pods(1, on="spot-0", cpu=1_000)
    (daemon,) = situation.pods(1, on="spot-0", cpu=2_000, app="agent")
    situation.change_pod(daemon.uid, owner=DAEMON)
    assert percent(situation) == expected


def test_pods_that_should_long_be_gone_do_not_count_on_a_node_that_is_broken() -> None:
    situation = Situation()
    situation.group("spot", nodes=1)
    situation.now_ms += 3_600_000
    situation.change_node("spot-0", ready=Condition("Unknown", situation.now_ms))
    situation.pods(1, on="spot-0", cpu=1_000)
    situation.pods(1, on="spot-0", cpu=2_000, deletion_ms=START_MS)
    assert percent(situation) == 25


@pytest.mark.parametrize(
    ("changes", "is_occupied"),
    [
        pytest.param({}, True, id="a pod that has to be asked to go"),
        pytest.param({"deletion_ms": START_MS}, False, id="one that is going already"),
        pytest.param({"owner": DAEMON}, False, id="one that belongs to the node"),
    ],
)
def test_a_node_is_occupied_by_pods_that_have_to_be_asked_to_go(
    changes: dict[str, object], is_occupied: bool
) -> None:
    situation = Situation()
    situation.group("spot", nodes=1)
    (pod,) = situation.pods(1, on="spot-0", cpu=100)
    situation.change_pod(pod.uid, **changes)
    situation.run()
    assert situation.memory.candidates.judged["spot-0"].is_occupied == is_occupied
