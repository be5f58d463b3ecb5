from __future__ import annotations

from typing import Any

import pytest

from kingtide.control.action import Action, EvictPod, PatchScale, SetDesiredCapacity
from kingtide.control.index import ClusterIndex
from kingtide.control.node_actions import Cordon
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.control.report import Phrases, Stance, Verdict
from kingtide.control.workload_actions import SetSuspend
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition
from kingtide.kube.resources import Resources
from kingtide.kube.scalables import Scalable
from kingtide.live.kubernetes.events.told_event import (
    MAX_MESSAGE_BYTES,
    Regarding,
    ToldEvent,
    event_of_outcome,
    event_of_verdict,
)

OURSELVES = Regarding("Lease", "coordination.k8s.io/v1", "kingtide", "leader")
PHRASES = Phrases({"Cordoned": "{name} takes no more pods"})
ROOM = Resources(4_000, 8 << 30, pods=10)


def cluster() -> ClusterIndex:
    index = ClusterIndex()
    index.apply(None, Node("n", "uid-n", {}, ROOM, ROOM, 0, Condition("True", 0)))
    index.apply(None, Scalable("Deployment", "shop", "api", "uid-d"))
    index.apply(None, Scalable("CronJob", "shop", "mail", "uid-c"))
    return index


def told(subject: str, stance: Stance = "acted", code: str = "Cordoned") -> ToldEvent:
    verdict = Verdict(subject, stance, code)
    return event_of_verdict("spot_interruption", verdict, PHRASES, cluster(), OURSELVES)


SUBJECTS = {
    "node": ("node/n", Regarding("Node", "v1", "", "n", "uid-n")),
    "node that is gone": ("node/m", Regarding("Node", "v1", "", "m")),
    "pod": ("pod/shop/api-7", Regarding("Pod", "v1", "shop", "api-7")),
    "deployment": (
        "deployment/shop/api",
        Regarding("Deployment", "apps/v1", "shop", "api", "uid-d"),
    ),
    "scalable": ("CronJob/shop/mail", Regarding("CronJob", "batch/v1", "shop", "mail", "uid-c")),
    "group": ("group/spot-nodes-workers-4x", OURSELVES),
    "message": ("message/1", OURSELVES),
    "pod without a namespace": ("pod/api-7", OURSELVES),
    "nothing": ("process", OURSELVES),
}


@pytest.mark.parametrize(("subject", "regarding"), SUBJECTS.values(), ids=SUBJECTS)
def test_a_verdict_stands_with_what_it_is_about(subject: str, regarding: Regarding) -> None:
    assert told(subject).regarding == regarding


def test_a_verdict_is_told_in_its_sentence() -> None:
    event = told("node/n")
    assert (event.reason, event.message) == ("Cordoned", "n takes no more pods")


@pytest.mark.parametrize(
    ("stance", "kind"), [("acted", "Normal"), ("refused", "Warning"), ("waits", "Normal")]
)
def test_a_refusal_is_a_warning(stance: Stance, kind: str) -> None:
    assert told("node/n", stance).type == kind


def test_words_that_are_too_long_are_cut_within_the_bytes_that_the_api_takes() -> None:
    phrases = Phrases({"Long": "é" * 1000})
    event = event_of_verdict("c", Verdict("node/n", "acted", "Long"), phrases, cluster(), OURSELVES)
    assert MAX_MESSAGE_BYTES - 4 <= len(event.message.encode()) <= MAX_MESSAGE_BYTES
    assert event.message.endswith("é…")


def happened(action: Action, status: OutcomeStatus, code: str = "") -> ToldEvent | None:
    return event_of_outcome("c", Outcome(action, status, 0, code, "why"), cluster(), OURSELVES)


EVICT = EvictPod(namespace="shop", name="api-7", uid="uid-p", reason="its node goes away")
ACTIONS: dict[str, tuple[Action, Any]] = {
    "EvictPod": (EVICT, Regarding("Pod", "v1", "shop", "api-7", "uid-p")),
    "Cordon": (
        Cordon(node="n", node_uid="uid-n", reason="r"),
        Regarding("Node", "v1", "", "n", "uid-n"),
    ),
    "PatchScale": (
        PatchScale(namespace="shop", name="api", replicas=1, expected_replicas=2, reason="r"),
        Regarding("Deployment", "apps/v1", "shop", "api", "uid-d"),
    ),
    "SetSuspend": (
        SetSuspend(
            kind="CronJob", namespace="shop", name="mail", uid="u", suspend=True,
            expected_suspend=False, reason="r",
        ),
        Regarding("CronJob", "batch/v1", "shop", "mail", "uid-c"),
    ),
    "SetDesiredCapacity": (
        SetDesiredCapacity(group="g", desired=2, expected_desired=1, reason="r"), OURSELVES,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("action", "regarding"), ACTIONS.values(), ids=ACTIONS)
def test_what_was_done_stands_with_its_object(action: Action, regarding: Regarding) -> None:
    event = happened(action, "done")
    assert event == ToldEvent("c", regarding, "Normal", type(action).__name__, action.reason)


def test_what_failed_is_a_warning_with_its_code() -> None:
    event = happened(EVICT, "failed", "Timeout")
    assert event is not None
    assert (event.type, event.reason) == ("Warning", "EvictPodFailed")
    assert event.message == "Timeout why (its node goes away)"


@pytest.mark.parametrize("status", ["refused", "precondition_failed"])
def test_what_was_not_done_is_no_event(status: OutcomeStatus) -> None:
    assert happened(EVICT, status, "429") is None
