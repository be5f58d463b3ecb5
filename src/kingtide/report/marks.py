"""Marks of the events and decisions lane: what happened, in which row, and its sentences."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

from kingtide.control.decision_entry import DecisionEntry
from kingtide.rehearsal.record import Event, RunRecord
from kingtide.report.plain import plain
from kingtide.report.seen_sentences import seen_text
from kingtide.report.sentences import told

Tone = Literal["bad", "warning", "info", "acted", "refused", "noticed"]

KIND_ROWS_MAX = 3
"""Kinds of plain events with a row of their own; more rows than that no phone shows at once."""

_ABBREVIATIONS = {"hpa": "HPA", "cpu": "CPU", "pdb": "PDB"}

PROBLEMS = "Problems"
OTHER_EVENTS = "Other events"


class Mark(msgspec.Struct, frozen=True):
    """One mark: `row` counts into the lane's titles.

    `tone` gives its shape, never its colour alone.
    """

    at_ms: int
    row: int
    tone: Tone
    heading: str
    lines: tuple[str, ...]


class Lane(msgspec.Struct, frozen=True):
    """Rows and marks in order of time.

    `outside` counts what lies before or after the plotted time.
    """

    rows: tuple[str, ...]
    marks: tuple[Mark, ...]
    outside: int
    dropped: int = 0


def lane(record: RunRecord) -> Lane:
    """Return every event and decision within the plotted time as a mark of its row."""
    kinds = _kinds_with_a_row(record.events)
    controllers = sorted({entry.controller: None for entry in record.decisions})
    titles = [PROBLEMS, *kinds, OTHER_EVENTS, *controllers]
    marks = [_event_mark(event, titles, kinds) for event in record.events]
    offset = len(kinds) + 2
    marks += [
        _decision_mark(entry, offset + controllers.index(entry.controller))
        for entry in record.decisions
    ]
    first, last = (record.times_ms[0], record.times_ms[-1]) if record.times_ms else (0, -1)
    inside = [mark for mark in marks if first <= mark.at_ms <= last]
    inside.sort(key=lambda mark: (mark.at_ms, mark.row))
    return _without_empty_rows(titles, inside, len(marks) - len(inside))


def thinned(whole: Lane, marks_max: int) -> Lane:
    """Return a lane of at most `marks_max` marks: problems and actions are kept before the rest."""
    if len(whole.marks) <= marks_max:
        return whole
    weight = {"bad": 0, "warning": 1, "acted": 2, "refused": 3, "noticed": 4, "info": 5}
    ranked = sorted(range(len(whole.marks)), key=lambda i: (weight[whole.marks[i].tone], i))
    kept = sorted(ranked[:marks_max])
    dropped = len(whole.marks) - marks_max
    marks = tuple(whole.marks[i] for i in kept)
    return msgspec.structs.replace(whole, marks=marks, dropped=dropped)


def kind_text(kind: str) -> str:
    """Return an event's kind as words: `node_joined` reads `Node joined`."""
    words = plain(kind, 60).replace("_", " ").replace("-", " ").split()
    spoken = " ".join(_ABBREVIATIONS.get(word, word) for word in words)
    return spoken[:1].upper() + spoken[1:]


def _kinds_with_a_row(events: tuple[Event, ...]) -> list[str]:
    counts = Counter(kind_text(event.kind) for event in events if event.severity == "info")
    ranked = sorted(counts, key=lambda kind: (-counts[kind], kind))
    return ranked[:KIND_ROWS_MAX]


def _event_mark(event: Event, titles: list[str], kinds: list[str]) -> Mark:
    kind = kind_text(event.kind)
    if event.severity != "info":
        row = 0
    else:
        row = titles.index(kind, 1) if kind in kinds else len(kinds) + 1
    heading = f"{kind} · {plain(event.subject)}" if event.subject else kind
    return Mark(event.at_ms, row, event.severity, heading, (plain(event.message),))


def _decision_mark(entry: DecisionEntry, row: int) -> Mark:
    stances = {verdict.stance for verdict in entry.report.verdicts}
    if any(outcome.status in ("failed", "refused") for outcome in entry.outcomes):
        tone: Tone = "warning"
    elif entry.actions or "acted" in stances:
        tone = "acted"
    else:
        tone = "refused" if stances & {"refused", "waits"} else "noticed"
    seen = plain(seen_text(entry.report.saw))
    heading = f"{plain(entry.controller)} saw {seen}" if seen else plain(entry.controller)
    return Mark(entry.at_ms, row, tone, heading, tuple(plain(line) for line in told(entry)))


def _without_empty_rows(titles: list[str], marks: list[Mark], outside: int) -> Lane:
    used = sorted({mark.row: None for mark in marks})
    place = {row: i for i, row in enumerate(used)}
    moved = tuple(msgspec.structs.replace(mark, row=place[mark.row]) for mark in marks)
    return Lane(tuple(plain(titles[row], 80) for row in used), moved, outside)
