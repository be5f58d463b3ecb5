from __future__ import annotations

import msgspec
import pytest

from kingtide.control.action import AddTaint, RemoveTaint
from kingtide.control.claims import (
    CAPACITY_CLAIM,
    DISRUPTION_CLAIM,
    CapacityClaim,
    DisruptionClaim,
    write_claim,
)
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.control.node_change import (
    CLAIMED,
    NO_SUCH_NODE,
    NOTHING,
    NodeAction,
    NodeChange,
    node_change,
)
from kingtide.control.outcome import Answer
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint

ROOM = Resources(4_000, 8 << 30, pods=10)
OURS = DisruptionClaim("spot_interruption", "Interrupted", 5)
THEIRS = DisruptionClaim("ondemand_reclaim", "Expired", 3)
NEED = CapacityClaim("spot_interruption", 5)
OTHER_NEED = CapacityClaim("ondemand_reclaim", 3)
GONE = Taint("a", "NoSchedule", "1")
STAYS = Taint("a", "NoExecute", "1")
ON = {"node": "n", "node_uid": "u", "reason": "r"}


def node(**changes: object) -> Node:
    it = Node("n", "u", {"zone": "a"}, ROOM, ROOM, 0, Condition("True", 0), taints=(GONE, STAYS))
    return msgspec.structs.replace(it, **changes)


def claimed(claim: DisruptionClaim, need: CapacityClaim | None = None) -> Node:
    notes = {DISRUPTION_CLAIM: write_claim(claim)}
    if need is not None:
        notes[CAPACITY_CLAIM] = write_claim(need)
    return node(annotations=notes)


CASES: dict[str, tuple[Node, NodeAction, NodeChange]] = {
    "a taint replaces the one of its key and effect": (
        node(),
        AddTaint(taint=Taint("a", "NoSchedule", "2"), **ON),
        NodeChange(taints=(STAYS, Taint("a", "NoSchedule", "2"))),
    ),
    "a taint that is there is left": (node(), AddTaint(taint=GONE, **ON), NOTHING),
    "a taint goes by key and effect": (
        node(),
        RemoveTaint(key="a", effect="NoSchedule", **ON),
        NodeChange(taints=(STAYS,)),
    ),
    "the last taint leaves none": (
        node(taints=(GONE,)),
        RemoveTaint(key="a", effect="NoSchedule", **ON),
        NodeChange(taints=()),
    ),
    "a taint that is not there": (
        node(),
        RemoveTaint(key="b", effect="NoSchedule", **ON),
        NOTHING,
    ),
    "cordoned": (node(), Cordon(**ON), NodeChange(unschedulable=True)),
    "cordoned before": (node(unschedulable=True), Cordon(**ON), NOTHING),
    "uncordoned": (node(unschedulable=True), Uncordon(**ON), NodeChange(unschedulable=False)),
    "never cordoned": (node(), Uncordon(**ON), NOTHING),
    "a label is set": (
        node(),
        SetNodeLabel(key="k", value="v", **ON),
        NodeChange(labels={"zone": "a", "k": "v"}),
    ),
    "a label is set already": (node(), SetNodeLabel(key="zone", value="a", **ON), NOTHING),
    "a label goes": (node(), SetNodeLabel(key="zone", value=None, **ON), NodeChange(labels={})),
    "a free node is claimed": (
        node(annotations={"x": "y"}),
        ClaimDisruption(claim=OURS, **ON),
        NodeChange(annotations={"x": "y", DISRUPTION_CLAIM: write_claim(OURS)}),
    ),
    "a claim is displaced": (
        claimed(THEIRS),
        ClaimDisruption(claim=OURS, displaces="ondemand_reclaim", **ON),
        NodeChange(annotations={DISRUPTION_CLAIM: write_claim(OURS)}),
    ),
    "room is claimed beside a displaced emptier": (
        claimed(OURS, OTHER_NEED),
        ClaimCapacity(claim=NEED, **ON),
        NodeChange(
            annotations={DISRUPTION_CLAIM: write_claim(OURS), CAPACITY_CLAIM: write_claim(NEED)}
        ),
    ),
    "a claim is given back": (
        claimed(OURS, NEED),
        ReleaseDisruption(by="spot_interruption", **ON),
        NodeChange(annotations={CAPACITY_CLAIM: write_claim(NEED)}),
    ),
    "nothing is given back where nothing is": (
        node(),
        ReleaseCapacity(by="spot_interruption", **ON),
        NOTHING,
    ),
}


@pytest.mark.parametrize(("before", "action", "after"), CASES.values(), ids=CASES)
def test_an_action_writes_the_fields_that_change(
    before: Node, action: NodeAction, after: NodeChange
) -> None:
    assert node_change(before, action) == after


@pytest.mark.parametrize(
    ("before", "action"),
    [
        (claimed(THEIRS), ClaimDisruption(claim=OURS, **ON)),
        (claimed(THEIRS, OTHER_NEED), ClaimCapacity(claim=NEED, **ON)),
        (claimed(THEIRS), ReleaseDisruption(by="spot_interruption", **ON)),
        (claimed(THEIRS, OTHER_NEED), ReleaseCapacity(by="spot_interruption", **ON)),
    ],
    ids=["claim", "room", "give back", "give room back"],
)
def test_what_another_controller_claimed_is_left_alone(before: Node, action: NodeAction) -> None:
    change = node_change(before, action)
    assert isinstance(change, Answer)
    assert change.code == CLAIMED


@pytest.mark.parametrize("found", [None, node(uid="other")], ids=["gone", "made anew"])
def test_a_node_that_is_no_longer_the_one_named_is_not_written(found: Node | None) -> None:
    assert node_change(found, Cordon(**ON)) is NO_SUCH_NODE


def test_only_what_changes_is_told() -> None:
    assert NOTHING.fields == {}
    assert NodeChange(unschedulable=False, taints=()).fields == {
        "taints": (),
        "unschedulable": False,
    }
