"""What a controller's report says of refusals: each once, until it has ended.

Controllers do not ask in each pass: a claim that was refused is asked for again after 5 to 15 s. A
pass in between says nothing about the refusal. It has ended when the same is granted, or when
nobody has wanted it for a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kingtide.control.action import Action
from kingtide.control.arbitration import Refusals, refusal_ended, same_refusal
from kingtide.control.node_actions import ClaimDisruption
from kingtide.control.report import Detail, Verdict
from kingtide.control.snapshot import ClusterView
from kingtide.control.written_fields import disturbed_node, written_field

GIVEN_UP_MS = 60_000
"""What was refused and is not asked for again for this long is not wanted any more: four times the
longest pause between two attempts (ondemand_reclaim's drain buffer, 15 s)."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """A refusal that stands: which (code and winner), of what kind of action, last met when."""

    refusal: tuple[str, Detail]
    action: type[Action]
    at_ms: int


Standing = Mapping[str, Told]
"""By subject."""


class News(msgspec.Struct, frozen=True):
    """What stands from here on, and the verdicts of ends and of new refusals."""

    standing: Standing
    ended: tuple[Verdict, ...] = ()
    new: tuple[Verdict, ...] = ()


def tell(
    before: Standing,
    actions: Sequence[Action],
    refused: Refusals,
    cluster: ClusterView,
    now_ms: int,
) -> News:
    """Return what is new about one controller's refusals after a pass of these actions."""
    if not before and not refused:
        return News(before)
    verdicts = {it.verdict.subject: it.verdict for it in refused.values()}
    causes: dict[str, type[Action]] = {}
    for place, it in refused.items():
        action, subject = actions[place], it.verdict.subject
        # Whatever is asked on a node is refused with its claim, but the claim is the question.
        if subject not in causes or isinstance(action, ClaimDisruption):
            causes[subject] = type(action)
    granted = {
        (_subject_of(action, cluster), type(action))
        for place, action in enumerate(actions)
        if place not in refused
    }
    standing = {
        subject: told
        for subject, told in before.items()
        if now_ms - told.at_ms < GIVEN_UP_MS and (subject, told.action) not in granted
    }
    ended = [it for it in before if it not in standing and it not in verdicts]
    new = []
    for subject, verdict in verdicts.items():
        refusal = same_refusal(verdict)
        known = before.get(subject)
        if known is None or known.refusal != refusal:
            new.append(verdict)
        standing[subject] = Told(refusal, causes[subject], now_ms)
    return News(standing, tuple(refusal_ended(it) for it in ended), tuple(new))


def _subject_of(action: Action, cluster: ClusterView) -> str:
    """Return what a refusal of an action would be about, empty where it cannot be refused."""
    node = disturbed_node(action, cluster)
    if node is not None:
        return f"node/{node}"
    field = written_field(action)
    return "" if field is None else field[0]
