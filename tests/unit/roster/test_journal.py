from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest

from kingtide.control.action import Action, SetDesiredCapacity
from kingtide.control.claims import CapacityClaim, DisruptionClaim
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.outcome import Outcome
from kingtide.control.report import Report, Verdict
from kingtide.kube.taints import Taint
from kingtide.roster.journal import ACTIONS, JournalError, decode_journal, encode_journal

ACTION = SetDesiredCapacity(group="spot", desired=5, expected_desired=3, reason="two pods wait")
ENTRY = DecisionEntry(
    at_ms=1000,
    controller="node_autoscaling",
    report=Report(
        {"pending": 2}, (Verdict("group/spot", "chose", "ScaleUp", {"count": 2, "why": "b\na"}),)
    ),
    actions=(ACTION,),
    outcomes=(Outcome(ACTION, "failed", 1000, "ValidationError", "too many"),),
)


def test_a_journal_is_read_as_it_was_written() -> None:
    entries = (ENTRY, DecisionEntry(2000, "overprovisioning", Report()))
    text = encode_journal(entries)
    assert text.count(b"\n") == 2
    assert decode_journal(text) == entries


SAMPLES: Mapping[str, Any] = {
    "str": "x",
    "int": 3,
    "bool": True,
    "tuple": (("a", None), ("b", "c")),
    "Taint": Taint("a", "NoSchedule"),
    "DisruptionClaim": DisruptionClaim("c", "Empty", 5),
    "CapacityClaim": CapacityClaim("c", 5),
    "UnionType": None,
}


def _sample(kind: Any) -> Any:
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    return SAMPLES[getattr(kind, "__name__", "UnionType")]


@pytest.mark.parametrize("kind", ACTIONS, ids=lambda kind: kind.__name__)
def test_every_kind_of_action_can_be_read_back(kind: type[Action]) -> None:
    fields = msgspec.structs.fields(kind)
    values: dict[str, Any] = {f.name: _sample(f.type) for f in fields if f.required}
    entry = msgspec.structs.replace(ENTRY, actions=(kind(**values),), outcomes=())
    assert decode_journal(encode_journal([entry])) == (entry,)


@pytest.mark.parametrize("text", [b"{}\n", b"no\n", b'{"at_ms": 1, "controller": "x"}\n'])
def test_a_line_that_is_no_decision_is_named(text: bytes) -> None:
    with pytest.raises(JournalError, match="line 2 is no decision"):
        decode_journal(encode_journal([ENTRY]) + text)
