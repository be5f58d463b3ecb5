"""Every code that prescaling reports, with its sentence: what an engineer on call reads."""

from __future__ import annotations

from kingtide.control.report import Phrases

PHRASES = Phrases(
    {
        "FloorRaised": (
            "the floor of {name} goes from {before} to {floor} {floor:replica|replicas}, on the "
            "way to {target} for {event} (baseline {baseline})"
        ),
        "FloorLowered": (
            "the floor of {name} goes from {before} to {floor} {floor:replica|replicas}: {event} "
            "is over (target was {target}, baseline {baseline})"
        ),
        "FloorKept": (
            "the floor of {name} stays at {floor} for {event} (target {target}, baseline "
            "{baseline}); it was {before}, and what it is to be afterwards has changed"
        ),
        "HandedBack": "{name} is handed back to its autoscaler with its floor of {floor}",
        "RisesSoon": "the floor of {name} ({floor}) rises with the next step for {event}",
        "AlreadyEnough": "{name} has a floor of {floor}, as much as {event} needs",
        "MissedBeginning": (
            "{name} gets no floor for {event}, which has begun: its replicas are no baseline now"
        ),
        "DoesNotFitMaxReplicas": (
            "{event} needs {needed} {needed:replica|replicas} of {name}, whose maxReplicas is "
            "{most}; the floor rises to that"
        ),
        "DoesNotFitNodeGroups": (
            "{event} needs {needed} {needed:replica|replicas} of {name}; all nodes that the groups "
            "may have could hold {most} if they were empty"
        ),
        "TargetMissing": "{name} is left alone: {target} is not there",
        "TargetAtZero": "{name} is left alone: {target} is scaled to 0, so it does not autoscale",
        "AnnotationUnreadable": "{name} gets no floor: in kingtide.dev/prescale, {detail}",
        "CalendarUnreadable": "the calendar is not used: {detail}",
        "WritesAtMaximum": "{name} is written in the next pass: as many as allowed were in this",
        "WriteFailed": "the floor of {name} was not written ({detail}); it is tried again",
    }
)
