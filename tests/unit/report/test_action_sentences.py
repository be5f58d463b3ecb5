from __future__ import annotations

import importlib
import pkgutil

import msgspec
import pytest

from kingtide import control
from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    PatchScale,
    RemoveTaint,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.outcome import Outcome
from kingtide.kube.taints import Taint
from kingtide.report.action_sentences import action_text, outcome_text
from tests.unit.report import (
    test_message_sentences,
    test_node_sentences,
    test_workload_sentences,
)

EVICT = EvictPod(namespace="shop", name="api-7", uid="u", reason="n-1 is being emptied")
ACTIONS: tuple[tuple[Action, str], ...] = (
    (
        SetDesiredCapacity(group="spot", desired=16, expected_desired=14, reason="6 pods wait"),
        "asked spot for 16 instances instead of 14: 6 pods wait",
    ),
    (
        SetDesiredCapacity(group="spot", desired=1, expected_desired=1_200, reason="r"),
        "asked spot for 1 instance instead of 1,200: r",
    ),
    (
        TerminateInstance(group="spot", instance_id="i-1", node="n-1", reason="n-1 is empty"),
        "asked to terminate i-1 of spot (node n-1), and for one instance fewer: n-1 is empty",
    ),
    (
        TerminateInstance(group="spot", instance_id="i-1", node="", reason="i-1 is late"),
        "asked to terminate i-1 of spot, and for one instance fewer: i-1 is late",
    ),
    (
        AddTaint(node="n-1", node_uid="u", taint=Taint("gone", "NoSchedule", "7"), reason="r"),
        "asked to taint n-1 with gone=7:NoSchedule: r",
    ),
    (
        RemoveTaint(node="n-1", node_uid="u", key="gone", effect="NoSchedule", reason="r"),
        "asked to take the taint gone:NoSchedule off n-1: r",
    ),
    (EVICT, "asked to evict shop/api-7: n-1 is being emptied"),
    (
        msgspec.structs.replace(EVICT, grace_seconds=1),
        "asked to evict shop/api-7 within 1 second: n-1 is being emptied",
    ),
    (
        PatchScale(namespace="shop", name="api", replicas=1, expected_replicas=3, reason=""),
        "asked shop/api for 1 replica instead of 3",
    ),
)


@pytest.mark.parametrize(("action", "text"), ACTIONS)
def test_an_action_is_told_in_a_sentence(action: Action, text: str) -> None:
    assert action_text(action) == text


def _classes(of: type[Action]) -> set[type[Action]]:
    return {it for kind in of.__subclasses__() for it in (kind, *_classes(kind))}


def test_every_class_of_action_has_a_sentence_that_is_tested() -> None:
    for module in pkgutil.iter_modules(control.__path__, "kingtide.control."):
        importlib.import_module(module.name)
    kinds = {it for it in _classes(Action) if it.__module__.startswith("kingtide.")}
    told: list[Action] = [action for action, _ in ACTIONS]
    told += [action for action, _ in test_node_sentences.ACTIONS]
    told += [action for action, _ in test_message_sentences.ACTIONS]
    told += [action for action, _ in test_workload_sentences.ACTIONS]
    assert {type(action) for action in told} == kinds


class Unheard(Action, frozen=True, kw_only=True, tag="Unheard"):
    """One that nobody wrote a sentence for."""

    node: str


def test_an_action_without_a_sentence_is_told_by_its_fields() -> None:
    assert action_text(Unheard(node="n-1", reason="r")) == "asked for Unheard (node=n-1): r"


def test_an_outcome_says_what_became_of_what_was_asked() -> None:
    refused = Outcome(EVICT, "refused", 0, "429", "the budget allows none")
    assert outcome_text(refused) == (
        "asked to evict shop/api-7, which was refused (429 the budget allows none)"
    )
    assert outcome_text(Outcome(EVICT, "failed", 0)) == "asked to evict shop/api-7, which failed"
