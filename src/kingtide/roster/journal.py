"""decisions.jsonl: one line a pass of a controller that changed a verdict or acted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Union

import msgspec

from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.control.report import Report
from kingtide.roster.registry import CONTROLLERS

ACTIONS = tuple({action: None for it in CONTROLLERS.values() for action in it.controller.actions})
"""Every kind of action that some controller may ask for."""

_ANY_ACTION: Any = Union[ACTIONS]  # noqa: UP007 (made from what controllers declare)


class JournalError(ValueError):
    """A journal that cannot be read; the message names the line."""


class _OutcomeLine(msgspec.Struct, frozen=True):
    action: _ANY_ACTION
    status: OutcomeStatus
    at_ms: int
    code: str = ""
    message: str = ""


class _Line(msgspec.Struct, frozen=True):
    at_ms: int
    controller: str
    report: Report
    actions: tuple[_ANY_ACTION, ...] = ()
    outcomes: tuple[_OutcomeLine, ...] = ()


def encode_journal(decisions: Iterable[DecisionEntry]) -> bytes:
    """Return decisions as JSON lines, in their order; the same decisions give the same bytes."""
    return b"".join(
        msgspec.json.encode(entry, order="deterministic") + b"\n" for entry in decisions
    )


def decode_journal(text: bytes) -> tuple[DecisionEntry, ...]:
    """Return the decisions of JSON lines.

    Raises:
        JournalError: a line is none.
    """
    decoder = msgspec.json.Decoder(_Line)
    found: list[DecisionEntry] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            entry = decoder.decode(line)
        except msgspec.MsgspecError as error:
            raise JournalError(f"line {number} is no decision ({error})") from error
        outcomes = tuple(
            Outcome(o.action, o.status, o.at_ms, o.code, o.message) for o in entry.outcomes
        )
        found.append(
            DecisionEntry(entry.at_ms, entry.controller, entry.report, entry.actions, outcomes)
        )
    return tuple(found)
