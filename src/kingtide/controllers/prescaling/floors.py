"""The floor that one HPA should have now, what to write for it, and what to say."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.control.report import Detail, Verdict
from kingtide.control.snapshot import Snapshot
from kingtide.control.workload_actions import SetMinReplicas
from kingtide.controllers.prescaling import ramp as ramps
from kingtide.controllers.prescaling.events import baseline_of, events_of, near
from kingtide.controllers.prescaling.marker import Marker, annotations_of, read_marker
from kingtide.controllers.prescaling.places import most_replicas
from kingtide.controllers.prescaling.ramp import Ramp
from kingtide.controllers.prescaling.timetable import Event, Occurrence, TimetableError
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.kube.scalables import Scalable


class Floor(msgspec.Struct, frozen=True):
    """What one pass does for an HPA: a write or none, what happened, and what stands.

    `wake_at_ms` is when its floor changes next, None when nothing is near.
    """

    action: SetMinReplicas | None = None
    happened: tuple[Verdict, ...] = ()
    standing: tuple[Verdict, ...] = ()
    wake_at_ms: int | None = None


class _Case(msgspec.Struct, frozen=True):
    """An HPA with what is known of it."""

    it: Scalable
    marker: Marker | None
    replicas: int
    policy: PrescalingPolicy
    now_ms: int

    @property
    def subject(self) -> str:
        return f"hpa/{self.it.namespace}/{self.it.name}"

    @property
    def original(self) -> int | None:
        """The floor before: as marked, or what somebody else has set since."""
        marker, size = self.marker, self.it.size
        if marker is None:
            return size
        return marker.original if size in (marker.floor, marker.original) else size


def floor_of(
    it: Scalable,
    snapshot: Snapshot,
    calendar: Sequence[Event],
    policy: PrescalingPolicy,
    now_ms: int,
) -> Floor:
    """Return what is to be done for an HPA now."""
    marker = read_marker(it.annotations, it.size)
    replicas = snapshot.cluster.controller_replicas(it.target_kind, it.namespace, it.target_name)
    case = _Case(it, marker, replicas or 0, policy, now_ms)
    try:
        events = events_of(it, calendar)
    except TimetableError as error:
        unreadable = Verdict(
            case.subject, "refused", "AnnotationUnreadable", {"detail": str(error)}
        )
        return _handed_back(case, (unreadable,))
    occurrences = near(events, policy, now_ms)
    if not occurrences:
        return _handed_back(case)
    if replicas is None:
        return _handed_back(case, (Verdict(case.subject, "refused", "TargetMissing", _target(it)),))
    if replicas == 0 and marker is None:
        return Floor(standing=(Verdict(case.subject, "refused", "TargetAtZero", _target(it)),))
    return _with_events(case, occurrences, snapshot)


def _with_events(case: _Case, occurrences: list[Occurrence], snapshot: Snapshot) -> Floor:
    policy, now_ms = case.policy, case.now_ms
    baseline = case.marker.baseline if case.marker else baseline_of(case.it) or case.replicas
    floors: list[tuple[int, Occurrence, Ramp]] = []
    standing: list[Verdict] = []
    changes: list[int] = []
    for occurrence in sorted(occurrences, key=lambda it: (it.begin_ms, it.event.text)):
        ramp = _ramp(case, occurrence, baseline)
        change_ms = ramps.next_step_ms(ramp, policy, now_ms)
        if change_ms is not None:
            changes.append(change_ms)
        if not ramps.is_active(ramp, policy, now_ms):
            continue
        is_multiple = occurrence.event.size.hundredths is not None
        too_late_ms = occurrence.begin_ms if is_multiple else occurrence.end_ms
        if case.marker is None and now_ms >= too_late_ms:
            details: dict[str, Detail] = {"event": occurrence.event.text}
            standing.append(Verdict(case.subject, "refused", "MissedBeginning", details))
            continue
        standing += _misfits(case, occurrence, baseline, snapshot)
        floors.append((ramps.floor_at(ramp, policy, now_ms), occurrence, ramp))
    wake_at_ms = min(changes, default=None)
    if not floors:
        found = _handed_back(case, tuple(standing))
        return msgspec.structs.replace(found, wake_at_ms=wake_at_ms)
    floor, occurrence, ramp = max(floors, key=lambda it: it[0])
    written = _written(case, floor, baseline, occurrence, ramp)
    return msgspec.structs.replace(
        written, standing=(*standing, *written.standing), wake_at_ms=wake_at_ms
    )


def _ramp(case: _Case, occurrence: Occurrence, baseline: int) -> Ramp:
    target = occurrence.event.size.of(baseline)
    if case.it.max_size is not None:
        target = min(target, case.it.max_size)
    return Ramp(
        begin_ms=occurrence.begin_ms,
        end_ms=occurrence.end_ms,
        base=min(baseline, target),
        target=target,
        original=min(case.original or 1, target),
    )


def _written(case: _Case, floor: int, baseline: int, occurrence: Occurrence, ramp: Ramp) -> Floor:
    """Return the write of a floor, none where it stands already."""
    it, original = case.it, case.original
    floor = max(floor, original or 1)
    if floor == (original or 1) and case.marker is None:
        code = "AlreadyEnough" if ramp.target <= floor else "RisesSoon"
        details: dict[str, Detail] = {"event": occurrence.event.text, "floor": floor}
        return Floor(standing=(Verdict(case.subject, "waits", code, details),))
    marker = Marker(original, baseline, floor)
    if marker == case.marker and it.size == floor:
        return Floor()
    before = it.size or 1
    details = {
        "before": before,
        "floor": floor,
        "target": ramp.target,
        "baseline": baseline,
        "event": occurrence.event.text,
    }
    code = "FloorRaised" if floor > before else "FloorLowered" if floor < before else "FloorKept"
    action = _action(it, floor, marker, f"the floor for {occurrence.event.text}")
    return Floor(action, (Verdict(case.subject, "acted", code, details),))


def _handed_back(case: _Case, standing: tuple[Verdict, ...] = ()) -> Floor:
    """Return the end: the floor as it was before, and no marker; nothing where there is none."""
    if case.marker is None:
        return Floor(standing=standing)
    floor = case.original or 1
    action = _action(case.it, floor, None, "no event needs a floor any more")
    details: dict[str, Detail] = {"floor": floor, "before": case.it.size or 1}
    return Floor(action, (Verdict(case.subject, "acted", "HandedBack", details),), standing)


def _action(it: Scalable, floor: int, marker: Marker | None, reason: str) -> SetMinReplicas:
    return SetMinReplicas(
        namespace=it.namespace,
        name=it.name,
        uid=it.uid,
        min_replicas=floor,
        expected_min_replicas=it.size,
        annotations=annotations_of(marker),
        reason=reason,
    )


def _misfits(
    case: _Case, occurrence: Occurrence, baseline: int, snapshot: Snapshot
) -> list[Verdict]:
    """Return why an event does not fit: into maxReplicas, or into the groups' maximum sizes."""
    it, needed = case.it, occurrence.event.size.of(baseline)
    details: dict[str, Detail] = {"event": occurrence.event.text, "needed": needed}
    if it.max_size is not None and needed > it.max_size:
        details["most"] = it.max_size
        return [Verdict(case.subject, "noticed", "DoesNotFitMaxReplicas", details)]
    deployment = snapshot.cluster.deployments.get(f"{it.namespace}/{it.target_name}")
    if it.target_kind != "Deployment" or deployment is None:
        return []
    most = most_replicas(deployment, snapshot)
    if most is not None and needed > most:
        details["most"] = most
        return [Verdict(case.subject, "noticed", "DoesNotFitNodeGroups", details)]
    return []


def _target(it: Scalable) -> dict[str, Detail]:
    return {"target": f"{it.target_kind} {it.target_name}"}
