"""One pass of prescaling: the summary of its rules.

Look at the HPAs that have events, by annotation or in the calendar, and have each one's floor be
what the ramps of its events say at this moment; without any, as it was before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kingtide.control.action import Action
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.report import Report, Verdict
from kingtide.control.said import changed
from kingtide.control.snapshot import Snapshot
from kingtide.control.workload_actions import SetMinReplicas
from kingtide.controllers.prescaling.events import is_concerned
from kingtide.controllers.prescaling.floors import Floor, floor_of
from kingtide.controllers.prescaling.memory import PrescalingMemory
from kingtide.controllers.prescaling.phrases import PHRASES
from kingtide.controllers.prescaling.timetable import Event, TimetableError, parse_calendar
from kingtide.fleet.policies.prescaling import PrescalingPolicy

CALENDAR = "policy/prescaling"


def decide(
    snapshot: Snapshot,
    policy: PrescalingPolicy,
    memory: PrescalingMemory,
    now_ms: int,
    chance: Chance,
) -> Decision[PrescalingMemory]:
    """Decide one pass; times are milliseconds since the Unix epoch."""
    del chance  # nothing here is left to chance
    calendar, standing = _calendar(policy)
    concerned, cursor = _concerned(snapshot, policy, memory, calendar)
    wake_at_ms = now_ms + policy.poll_seconds * 1000
    actions: list[Action] = []
    happened = _failures(snapshot)
    for key in concerned:
        it = snapshot.cluster.scalables.get(key)
        if it is None:
            continue
        found: Floor = floor_of(it, snapshot, calendar, policy, now_ms)
        standing += found.standing
        if found.wake_at_ms is not None:
            wake_at_ms = min(wake_at_ms, max(found.wake_at_ms, now_ms + 1))
        if found.action is not None and len(actions) >= policy.max_writes:
            subject = f"hpa/{it.namespace}/{it.name}"
            standing.append(Verdict(subject, "waits", "WritesAtMaximum"))
            wake_at_ms = min(wake_at_ms, now_ms + 1000)
        elif found.action is not None:
            actions.append(found.action)
            happened += found.happened
    said, verdicts = _news(memory.said, standing)
    return Decision(
        memory=PrescalingMemory(cursor, concerned, policy.events, said),
        actions=tuple(actions),
        report=Report({"autoscalers": len(concerned)}, (*happened, *verdicts)),
        wake_at_ms=wake_at_ms,
    )


def _calendar(policy: PrescalingPolicy) -> tuple[tuple[Event, ...], list[Verdict]]:
    try:
        return parse_calendar(policy.events), []
    except TimetableError as error:
        return (), [Verdict(CALENDAR, "refused", "CalendarUnreadable", {"detail": str(error)})]


def _concerned(
    snapshot: Snapshot,
    policy: PrescalingPolicy,
    memory: PrescalingMemory,
    calendar: tuple[Event, ...],
) -> tuple[Mapping[str, None], int]:
    """Return the HPAs with events, after looking at those that changed; at all for a new one."""
    is_new = policy.events != memory.calendar
    cluster = snapshot.cluster
    touched, cursor = cluster.scalables_touched_since(0 if is_new else memory.cursor)
    before = {} if is_new else memory.concerned
    changes = {
        key: (it := cluster.scalables.get(key)) is not None and is_concerned(it, calendar)
        for key in touched
    }
    if all(is_one == (key in before) for key, is_one in changes.items()):
        return before, cursor
    kept = {key: None for key in before if changes.get(key, True)}
    kept.update({key: None for key, is_one in changes.items() if is_one})
    return kept, cursor


def _failures(snapshot: Snapshot) -> list[Verdict]:
    """Return the writes that came to nothing: the next pass looks at the object as it is."""
    verdicts = []
    for outcome in snapshot.outcomes:
        action = outcome.action
        if isinstance(action, SetMinReplicas) and outcome.status != "done":
            details = {"detail": outcome.message or outcome.code}
            subject = f"hpa/{action.namespace}/{action.name}"
            verdicts.append(Verdict(subject, "noticed", "WriteFailed", details))
    return verdicts


def _news(
    said: Mapping[str, str], standing: Sequence[Verdict]
) -> tuple[Mapping[str, str], list[Verdict]]:
    """Return what is now said; an object's several standings count as one, told together."""
    codes: dict[str, list[str]] = {}
    for verdict in standing:
        codes.setdefault(verdict.subject, []).append(verdict.code)
    merged = [Verdict(subject, "noticed", "+".join(it)) for subject, it in codes.items()]
    now_said, news = changed(said, merged, forgotten=[it for it in said if it not in codes])
    subjects = {it.subject: None for it in news}
    return now_said, [verdict for verdict in standing if verdict.subject in subjects]


CONTROLLER: Controller[PrescalingPolicy, PrescalingMemory] = Controller(
    name="prescaling",
    actions=(SetMinReplicas,),
    watches=("configuration",),
    phrases=PHRASES,
    first_memory=PrescalingMemory,
    decide=decide,
)
