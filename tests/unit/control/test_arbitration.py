from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    PatchScale,
    RemoveTaint,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.arbitration import RANKS, Asked, arbitrate, in_order, rank_of
from kingtide.control.budget import Budget
from kingtide.control.claims import (
    DISRUPTION_CLAIM,
    CapacityClaim,
    DisruptionClaim,
    DisruptionReason,
    write_claim,
)
from kingtide.control.index import ClusterIndex
from kingtide.control.ledger import Granted, Ledger
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    DeletePod,
    ReleaseDisruption,
    Uncordon,
)
from kingtide.control.workload_actions import ScaleWorkload, SetMinReplicas
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, PodSpec
from kingtide.kube.pods import Pod as KubePod
from kingtide.kube.resources import NO_RESOURCES
from kingtide.kube.taints import Taint

NOW_MS = 1_700_000_000_000
OLD_MS = NOW_MS - 3_600_000
INTERRUPTION, RECLAIM, SCALE_DOWN = RANKS[:3]


def node(name: str, claimed_by: str = "", *, is_ready: bool = True, rests: bool = False) -> Node:
    annotations = {}
    if claimed_by:
        not_before_ms = NOW_MS + 60_000 if rests else None
        held = DisruptionClaim(claimed_by, "Expired", OLD_MS, not_before_ms=not_before_ms)
        annotations[DISRUPTION_CLAIM] = write_claim(held)
    ready = Condition("True" if is_ready else "Unknown", NOW_MS - 1_000)
    return Node(
        name, f"uid/{name}", {}, NO_RESOURCES, NO_RESOURCES, OLD_MS, ready, annotations=annotations
    )


def _pod(name: str) -> KubePod:
    return KubePod("shop", name, f"pod/{name}", PodSpec(()), {}, OLD_MS, node_name=name)


def cluster(*nodes: Node) -> ClusterIndex:
    """Nodes with one pod each, called as the node."""
    index = ClusterIndex()
    for it in nodes:
        index.apply(None, it)
        index.apply(None, _pod(it.name))
    return index


def claim(
    name: str,
    by: str,
    reason: DisruptionReason = "Expired",
    *,
    displaces: str = "",
    rests: bool = False,
) -> ClaimDisruption:
    not_before_ms = NOW_MS + 1 if rests else None
    return ClaimDisruption(
        reason="r",
        node=name,
        node_uid=f"uid/{name}",
        claim=DisruptionClaim(by, reason, NOW_MS, not_before_ms=not_before_ms),
        displaces=displaces,
    )


def evict(name: str) -> EvictPod:
    return EvictPod(reason="r", namespace="shop", name=name, uid=f"pod/{name}")


def delete(name: str) -> DeletePod:
    return DeletePod(reason="r", namespace="shop", name=name, uid=f"pod/{name}", grace_seconds=1)


def terminate(name: str) -> TerminateInstance:
    return TerminateInstance(reason="r", group="g", instance_id=f"i-{name}", node=name)


def cordon(name: str) -> Cordon:
    return Cordon(reason="r", node=name, node_uid=f"uid/{name}")


def uncordon(name: str) -> Uncordon:
    return Uncordon(reason="r", node=name, node_uid=f"uid/{name}")


def taint(name: str) -> AddTaint:
    return AddTaint(reason="r", node=name, node_uid=f"uid/{name}", taint=Taint("out", "NoSchedule"))


def codes(
    asked: Sequence[tuple[str, Sequence[Action]]],
    index: ClusterIndex,
    budgets: Sequence[Budget] = (),
    ledger: Ledger | None = None,
) -> list[list[str]]:
    """What became of each action: empty for granted, otherwise the code."""
    given = [Asked(by, tuple(actions)) for by, actions in asked]
    refused = arbitrate(given, index, budgets, ledger or {}, NOW_MS)
    return [
        [of[place].code if place in of else "" for place in range(len(it.actions))]
        for it, of in zip(given, refused, strict=True)
    ]


def test_interruption_comes_before_reclaim_before_scale_down_before_the_rest() -> None:
    asked = [Asked(name, ()) for name in ("unheard_of", SCALE_DOWN, INTERRUPTION, RECLAIM)]
    assert in_order(asked) == (2, 3, 1, 0)
    assert rank_of("unheard_of") == len(RANKS)


def test_of_two_that_claim_a_node_in_one_pass_the_higher_rank_gets_it() -> None:
    index = cluster(node("n"))
    asked = [(SCALE_DOWN, [claim("n", SCALE_DOWN)]), (RECLAIM, [claim("n", RECLAIM)])]
    assert codes(asked, index) == [["ArbitrationLost"], [""]]


def test_who_loses_a_node_leaves_it_alone_entirely_and_goes_on_elsewhere() -> None:
    index = cluster(node("n"), node("m"))
    lost = [claim("n", SCALE_DOWN), taint("n"), evict("n"), terminate("n"), claim("m", SCALE_DOWN)]
    asked: list[tuple[str, Sequence[Action]]] = [
        (SCALE_DOWN, [*lost, evict("m")]),
        (RECLAIM, [claim("n", RECLAIM)]),
    ]
    assert codes(asked, index)[0] == [*["ArbitrationLost"] * 4, "", ""]


@pytest.mark.parametrize(
    ("by", "displaces", "expected"),
    [
        pytest.param(RECLAIM, "", "", id="its own claim anew"),
        pytest.param(SCALE_DOWN, "", "ArbitrationLost", id="a lower one"),
        pytest.param(SCALE_DOWN, RECLAIM, "ArbitrationLost", id="a lower one that would displace"),
        pytest.param(INTERRUPTION, "", "ArbitrationLost", id="a higher one that does not say so"),
        pytest.param(INTERRUPTION, SCALE_DOWN, "ArbitrationLost", id="one that displaces another"),
        pytest.param(INTERRUPTION, RECLAIM, "", id="a higher one that displaces"),
    ],
)
def test_a_claim_stands_unless_a_higher_rank_displaces_it(
    by: str, displaces: str, expected: str
) -> None:
    held = cluster(node("n", claimed_by=RECLAIM))
    granted = {"n": Granted(RECLAIM, "uid/n", NOW_MS - 100)}
    asked = [(by, [claim("n", by, displaces=displaces)])]
    assert codes(asked, held) == [[expected]]
    assert codes(asked, cluster(node("n")), ledger=granted) == [[expected]]


DISTURBING = (evict("n"), delete("n"), terminate("n"), cordon("n"), taint("n"), uncordon("n"))


@pytest.mark.parametrize("action", DISTURBING, ids=lambda it: type(it).__name__)
def test_nobody_below_touches_a_node_that_somebody_else_empties(action: Action) -> None:
    for rests in (False, True):
        index = cluster(node("n", claimed_by=RECLAIM, rests=rests))
        assert codes([(SCALE_DOWN, [action])], index) == [["ArbitrationLost"]]
        assert codes([(RECLAIM, [action])], index) == [[""]]


def test_who_ranks_higher_marks_a_claimed_node_at_once_but_empties_it_only_when_it_is_his() -> None:
    index = cluster(node("n", claimed_by=RECLAIM))
    marks: list[Action] = [taint("n"), cordon("n"), evict("n")]
    assert codes([(INTERRUPTION, marks)], index) == [["", "", "ArbitrationLost"]]
    with_claim = [
        taint("n"),
        claim("n", INTERRUPTION, "Interrupted", displaces=RECLAIM),
        evict("n"),
    ]
    asked: list[tuple[str, Sequence[Action]]] = [
        (RECLAIM, [evict("n"), uncordon("n")]),
        (INTERRUPTION, with_claim),
    ]
    assert codes(asked, index) == [["ArbitrationLost"] * 2, ["", "", ""]]


def test_taking_ones_own_marks_away_is_never_refused() -> None:
    index = cluster(node("n", claimed_by=RECLAIM))
    own: list[Action] = [
        RemoveTaint(reason="r", node="n", node_uid="uid/n", key="k", effect="NoSchedule"),
        ReleaseDisruption(reason="r", node="n", node_uid="uid/n", by=SCALE_DOWN),
        ClaimCapacity(
            reason="r", node="n", node_uid="uid/n", claim=CapacityClaim(SCALE_DOWN, NOW_MS)
        ),
    ]
    assert codes([(SCALE_DOWN, own)], index) == [["", "", ""]]


def test_new_claims_of_all_share_one_budget_in_the_order_of_ranks() -> None:
    index = cluster(*(node(name) for name in "abcd"))
    asked = [
        (SCALE_DOWN, [claim("a", SCALE_DOWN, "Empty"), claim("b", SCALE_DOWN, "Empty")]),
        (RECLAIM, [claim("c", RECLAIM)]),
    ]
    assert codes(asked, index, [Budget(2)]) == [["", "DisruptionBudget"], [""]]
    assert codes(asked, index, [Budget(3)]) == [["", ""], [""]]
    assert codes(asked, index, [Budget(0)]) == [["DisruptionBudget"] * 2, ["DisruptionBudget"]]


def test_what_is_not_granted_by_the_budget_is_not_begun() -> None:
    asked: list[tuple[str, Sequence[Action]]] = [
        (SCALE_DOWN, [claim("a", SCALE_DOWN), taint("a"), evict("a")])
    ]
    assert codes(asked, cluster(node("a")), [Budget(0)]) == [["DisruptionBudget"] * 3]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(node("b", claimed_by=RECLAIM), id="emptied"),
        pytest.param(node("b", is_ready=False), id="broken"),
    ],
)
def test_nodes_that_are_disrupted_already_use_up_the_budget(other: Node) -> None:
    index = cluster(node("a"), other)
    asked = [(SCALE_DOWN, [claim("a", SCALE_DOWN)])]
    assert codes(asked, index, [Budget(1)]) == [["DisruptionBudget"]]
    assert codes(asked, index, [Budget(2)]) == [[""]]


def test_claims_granted_and_not_seen_yet_use_up_the_budget() -> None:
    index = cluster(node("a"), node("b"))
    ledger = {"b": Granted(RECLAIM, "uid/b", NOW_MS - 1_000)}
    asked = [(SCALE_DOWN, [claim("a", SCALE_DOWN)])]
    assert codes(asked, index, [Budget(1)], ledger) == [["DisruptionBudget"]]


def test_a_node_that_counts_already_is_not_counted_again() -> None:
    index = cluster(node("a", claimed_by=RECLAIM), node("b"))
    asked = [(RECLAIM, [claim("a", RECLAIM), claim("b", RECLAIM)])]
    assert codes(asked, index, [Budget(1)]) == [["", "DisruptionBudget"]]
    broken = cluster(node("a", is_ready=False))
    assert codes([(RECLAIM, [claim("a", RECLAIM)])], broken, [Budget(1)]) == [[""]]


def test_a_broken_node_needs_room_in_the_budget_like_any_other() -> None:
    claimed = [node(name, claimed_by=RECLAIM) for name in "ab"]
    broken = cluster(*claimed, node("c", is_ready=False))
    asked = [(RECLAIM, [claim("c", RECLAIM, "Degraded")])]
    assert codes(asked, broken, [Budget(2)]) == [["DisruptionBudget"]]
    assert codes(asked, broken, [Budget(3)]) == [[""]]


def test_of_more_claims_than_the_budget_allows_only_those_whose_turn_it_is_are_begun() -> None:
    cordoned = msgspec.structs.replace(node("c", claimed_by=RECLAIM), unschedulable=True)
    index = cluster(*(node(name, claimed_by=RECLAIM) for name in "ab"), cordoned)
    asked: list[tuple[str, Sequence[Action]]] = [
        (RECLAIM, [cordon("a"), cordon("b"), evict("b"), uncordon("b"), evict("c")])
    ]
    waits = "DisruptionBudget"
    assert codes(asked, index, [Budget(3)]) == [["", "", "", "", ""]]
    assert codes(asked, index, [Budget(2)]) == [["", waits, waits, "", ""]]
    assert codes(asked, index, [Budget(1)]) == [[waits, waits, waits, "", ""]]
    assert codes(asked, index) == [["", "", "", "", ""]]


def test_what_the_cloud_takes_waits_for_no_turn() -> None:
    held = DisruptionClaim(INTERRUPTION, "Interrupted", OLD_MS)
    taken = msgspec.structs.replace(node("a"), annotations={DISRUPTION_CLAIM: write_claim(held)})
    index = cluster(taken, node("b", claimed_by=RECLAIM))
    assert codes([(INTERRUPTION, [cordon("a"), evict("a")])], index, [Budget(0)]) == [["", ""]]


def test_going_to_rest_needs_no_budget_and_beginning_again_does() -> None:
    index = cluster(node("a", claimed_by=RECLAIM, rests=True))
    assert codes([(RECLAIM, [claim("a", RECLAIM, rests=True)])], index, [Budget(0)]) == [[""]]
    again = [(RECLAIM, [claim("a", RECLAIM)])]
    assert codes(again, index, [Budget(0)]) == [["DisruptionBudget"]]


def test_what_the_cloud_takes_is_granted_beyond_the_budget_and_counts_against_others() -> None:
    index = cluster(*(node(name) for name in "abc"))
    taken = [claim(name, INTERRUPTION, "Interrupted") for name in "ab"]
    asked = [(SCALE_DOWN, [claim("c", SCALE_DOWN)]), (INTERRUPTION, taken)]
    assert codes(asked, index, [Budget(2)]) == [["DisruptionBudget"], ["", ""]]
    assert codes(asked, index, [Budget(3)]) == [[""], ["", ""]]


def test_a_field_that_two_would_write_goes_to_the_higher_rank() -> None:
    def scale(replicas: int) -> PatchScale:
        return PatchScale(
            reason="r", namespace="shop", name="api", replicas=replicas, expected_replicas=2
        )

    workload = ScaleWorkload(
        reason="r", kind="Deployment", namespace="shop", name="api", uid="u", replicas=0,
        expected_replicas=2,
    )  # fmt: skip
    other = SetMinReplicas(
        reason="r", namespace="shop", name="api", uid="u", min_replicas=5, expected_min_replicas=2
    )
    asked: list[tuple[str, Sequence[Action]]] = [
        ("downscaling", [workload, other]),
        (INTERRUPTION, [scale(3)]),
        ("overprovisioning", [scale(4)]),
    ]
    assert codes(asked, cluster()) == [["ArbitrationLost", ""], [""], ["ArbitrationLost"]]


def test_a_controller_may_write_its_own_field_twice() -> None:
    asks = [
        SetDesiredCapacity(reason="r", group="g", desired=it, expected_desired=it - 1)
        for it in (3, 4)
    ]
    assert codes([(SCALE_DOWN, asks)], cluster()) == [["", ""]]


def test_the_loser_is_told_who_won_and_how_much_is_allowed() -> None:
    index = cluster(node("n", claimed_by=RECLAIM), node("m"))
    refused = arbitrate(
        [Asked(SCALE_DOWN, (evict("n"), claim("m", SCALE_DOWN)))], index, [Budget(1)], {}, NOW_MS
    )[0]
    assert (refused[0].verdict.subject, refused[0].verdict.details) == (
        "node/n",
        {"winner": RECLAIM},
    )
    assert (refused[1].verdict.subject, refused[1].verdict.details) == (
        "node/m",
        {"allowed": 1, "disrupted": 1},
    )


def test_of_two_that_nobody_ranked_neither_goes_before_the_other() -> None:
    held = cluster(node("n", claimed_by="somebody"))
    asked = [("anybody", [claim("n", "anybody", displaces="somebody")])]
    assert codes(asked, held) == [["ArbitrationLost"]]
    assert codes([("anybody", [taint("n")])], held) == [["ArbitrationLost"]]
