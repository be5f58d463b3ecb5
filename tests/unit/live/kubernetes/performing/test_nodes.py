from __future__ import annotations

from typing import Any

import pytest

from kingtide.control.action import Action, AddTaint, RemoveTaint
from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.control.node_actions import (
    ClaimDisruption,
    Cordon,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.kube.taints import Taint
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.nodes import node_of_instance
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from tests.unit.live.kubernetes.performing.acting import performed, told
from tests.unit.live.kubernetes.scripted import Scripted, asking, status

ON: dict[str, Any] = {"node": "n", "node_uid": "u", "reason": "r"}
CLAIM = DisruptionClaim("spot_interruption", "Interrupted", 5)
OTHER = DisruptionClaim("ondemand_reclaim", "Expired", 3)
UID = {"op": "test", "path": "/metadata/uid", "value": "u"}
VERSION = {"op": "test", "path": "/metadata/resourceVersion", "value": "7"}
CLAIM_PATH = "/metadata/annotations/kingtide.dev~1disruption-claim"
KEPT = {"key": "k", "effect": "NoSchedule", "value": "v", "newField": 1}


def node(version: str = "7", **changes: Any) -> tuple[int, dict[str, Any]]:
    metadata = {"name": "n", "uid": "u", "resourceVersion": version, **changes.pop("metadata", {})}
    return 200, {"metadata": metadata, "spec": changes}


def claimed(claim: DisruptionClaim, version: str = "7") -> tuple[int, dict[str, Any]]:
    return node(version, metadata={"annotations": {DISRUPTION_CLAIM: write_claim(claim)}})


PATCHES: dict[str, tuple[Action, tuple[int, Any], list[dict[str, Any]]]] = {
    "cordon": (
        Cordon(**ON),
        node(),
        [{"op": "add", "path": "/spec/unschedulable", "value": True}],
    ),
    "uncordon": (
        Uncordon(**ON),
        node(unschedulable=True),
        [
            {"op": "test", "path": "/spec/unschedulable", "value": True},
            {"op": "remove", "path": "/spec/unschedulable"},
        ],
    ),
    "taint beside one whose fields are not all known": (
        AddTaint(taint=Taint("a", "NoExecute"), **ON),
        node(taints=[KEPT]),
        [
            {"op": "test", "path": "/spec/taints", "value": [KEPT]},
            {
                "op": "replace",
                "path": "/spec/taints",
                "value": [KEPT, {"key": "a", "effect": "NoExecute"}],
            },
        ],
    ),
    "last taint": (
        RemoveTaint(key="k", effect="NoSchedule", **ON),
        node(taints=[KEPT]),
        [
            {"op": "test", "path": "/spec/taints", "value": [KEPT]},
            {"op": "remove", "path": "/spec/taints"},
        ],
    ),
    "label that goes": (
        SetNodeLabel(key="k", value=None, **ON),
        node(metadata={"labels": {"k": "v", "l": "w"}}),
        [
            {"op": "test", "path": "/metadata/labels/k", "value": "v"},
            {"op": "remove", "path": "/metadata/labels/k"},
        ],
    ),
    "claim that is given back": (
        ReleaseDisruption(by="spot_interruption", **ON),
        claimed(CLAIM),
        [
            {"op": "test", "path": CLAIM_PATH, "value": write_claim(CLAIM)},
            {"op": "remove", "path": CLAIM_PATH},
        ],
    ),
}


@pytest.mark.parametrize(("action", "found", "operations"), PATCHES.values(), ids=PATCHES)
def test_a_node_is_patched_as_it_was_read(
    action: Action, found: tuple[int, Any], operations: list[dict[str, Any]]
) -> None:
    outcome, (read, write) = performed(action, found, (200, {}))
    assert told(outcome) == ("done", "")
    assert (read.method, read.path) == ("GET", "/api/v1/nodes/n")
    assert (write.method, write.path) == ("PATCH", "/api/v1/nodes/n")
    assert write.media == "application/json-patch+json"
    assert write.params == {"fieldManager": "kingtide"}
    assert write.body == [UID, VERSION, *operations]


@pytest.mark.parametrize(
    ("action", "field", "key", "value"),
    [
        (ClaimDisruption(claim=CLAIM, **ON), "annotations", DISRUPTION_CLAIM, write_claim(CLAIM)),
        (SetNodeLabel(key="kingtide.dev/a", value="b", **ON), "labels", "kingtide.dev/a", "b"),
    ],
    ids=["claim", "label"],
)
def test_what_is_set_is_applied_to_the_very_node_that_was_read(
    action: Action, field: str, key: str, value: str
) -> None:
    outcome, (_, write) = performed(action, node(), (200, {}))
    assert told(outcome) == ("done", "")
    assert write.media == "application/apply-patch+yaml"
    assert write.params == {"fieldManager": f"kingtide:{key}", "force": "true"}
    assert write.body == {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "n", "uid": "u", "resourceVersion": "7", field: {key: value}},
    }


@pytest.mark.parametrize(
    ("action", "found"),
    [
        (Cordon(**ON), node(unschedulable=True)),
        (AddTaint(taint=Taint("k", "NoSchedule", "v"), **ON), node(taints=[KEPT])),
        (ReleaseDisruption(by="spot_interruption", **ON), node()),
    ],
    ids=["cordoned", "tainted", "unclaimed"],
)
def test_what_is_so_already_is_done_without_a_write(action: Action, found: tuple[int, Any]) -> None:
    outcome, asked = performed(action, found)
    assert (told(outcome), len(asked)) == (("done", ""), 1)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (status(404, "NotFound"), "404"),
        (node(metadata={"uid": "other"}), "404"),
        (claimed(OTHER), "Claimed"),
    ],
    ids=["gone", "made anew", "another's"],
)
def test_a_precondition_that_fails_writes_nothing(found: tuple[int, Any], code: str) -> None:
    outcome, asked = performed(ClaimDisruption(claim=CLAIM, **ON), found)
    assert (told(outcome), len(asked)) == (("precondition_failed", code), 1)


def test_a_claim_that_came_in_between_is_seen_and_left_alone() -> None:
    outcome, asked = performed(
        ClaimDisruption(claim=CLAIM, **ON), node(), status(409, "Conflict"), claimed(OTHER, "8")
    )
    assert told(outcome) == ("precondition_failed", "Claimed")
    assert [it.method for it in asked] == ["GET", "PATCH", "GET"]


def test_a_write_in_between_that_does_not_matter_is_no_obstacle() -> None:
    failed = status(422, "Invalid", "the test failed")
    outcome, asked = performed(Cordon(**ON), node(), failed, node("8"), (200, {}))
    assert told(outcome) == ("done", "")
    assert asked[-1].body[1] == {**VERSION, "value": "8"}


def test_after_three_tries_it_is_told_that_others_were_faster() -> None:
    found = node(), status(409, "Conflict", "changed")
    outcome, asked = performed(Cordon(**ON), *found, *found, *found)
    assert (told(outcome), outcome.message) == (("failed", "409"), "Conflict: changed")
    assert len(asked) == 6


def test_a_node_that_cannot_be_read_is_no_crash() -> None:
    outcome, _ = performed(Cordon(**ON), (200, {"metadata": {"name": 3}}))
    assert told(outcome) == ("failed", "Unreadable")


def test_an_instance_is_looked_for_on_every_page() -> None:
    def page(name: str, instance: str, after: str) -> tuple[int, Any]:
        spec = {"providerID": f"aws:///eu-west-1a/{instance}"}
        it = {"metadata": {"name": name}, "spec": spec}
        return 200, {"metadata": {"continue": after}, "items": [it]}

    def found(instance: str) -> str:
        script = Scripted(page("a", "i-1", "more"), page("b", "i-2", ""))
        return asking(script, lambda client: node_of_instance(Api(client, WriteRate()), instance))

    assert [found("i-1"), found("i-2"), found("i-3")] == ["a", "b", ""]
