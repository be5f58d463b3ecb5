"""The controller's memory: recommendations and scale events in slot lists.

A slot list is not chronological: a new entry overwrites the last slot that has expired, one only,
and is appended when none has. Nothing is ever removed. For recommendations a pruned list would
decide the same; for events it would not, because an event that expired for its own direction still
counts for the longer periods of the other one until its slot happens to be reused.

Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go
(`stabilizeRecommendation`, `storeScaleEvent`).
"""

from __future__ import annotations

import msgspec


class Recommendation(msgspec.Struct, frozen=True, gc=False):
    """A recommendation as it was before stabilisation."""

    at_ms: int
    replicas: int


class Recommendations(msgspec.Struct, frozen=True, gc=False):
    """A slot list of recommendations, kept as two columns because every pass scans them."""

    at_ms: tuple[int, ...] = ()
    replicas: tuple[int, ...] = ()

    @property
    def slots(self) -> tuple[Recommendation, ...]:
        """The recommendations, slot by slot."""
        return tuple(map(Recommendation, self.at_ms, self.replicas))

    def recorded(self, now_ms: int, replicas: int, expired_slot: int | None) -> Recommendations:
        """Return the list with one more recommendation, in the expired slot or, for None.

        At the end.
        """
        if expired_slot is None:
            return Recommendations((*self.at_ms, now_ms), (*self.replicas, replicas))
        after = expired_slot + 1
        return Recommendations(
            (*self.at_ms[:expired_slot], now_ms, *self.at_ms[after:]),
            (*self.replicas[:expired_slot], replicas, *self.replicas[after:]),
        )


def last_expired_slot(at_ms: tuple[int, ...], before_ms: int) -> int | None:
    """Return the last slot older than a moment, None when there is none.

    Passes are regular, so mostly one slot has expired: looking for the oldest finds it at once.
    """
    slot = None
    rest = at_ms
    while rest and (oldest := min(rest)) < before_ms:
        slot = len(at_ms) - len(rest) + rest.index(oldest)
        rest = at_ms[slot + 1 :]
    return slot


def recommendations_of(slots: tuple[Recommendation, ...]) -> Recommendations:
    """Return a slot list with these slots."""
    return Recommendations(
        tuple(slot.at_ms for slot in slots), tuple(slot.replicas for slot in slots)
    )


class ScaleEvent(msgspec.Struct, frozen=True, gc=False):
    """A change that was carried out; `change` is positive in both directions.

    `outdated` marks a slot that the next event of its direction may reuse.
    """

    at_ms: int
    change: int
    outdated: bool = False


def event_recorded(
    events: tuple[ScaleEvent, ...], now_ms: int, change: int, longest_period_seconds: int
) -> tuple[ScaleEvent, ...]:
    """Return one direction's events with one more.

    Events older than the longest period of that direction's policies become outdated and stay so
    even if the policies change; one exactly that old is not.
    """
    cutoff_ms = now_ms - longest_period_seconds * 1000
    slots = [
        ScaleEvent(event.at_ms, event.change, True)
        if event.at_ms < cutoff_ms and not event.outdated
        else event
        for event in events
    ]
    recorded = ScaleEvent(now_ms, change)
    for slot in range(len(slots) - 1, -1, -1):
        if slots[slot].outdated:
            slots[slot] = recorded
            return tuple(slots)
    return (*slots, recorded)


def change_within(events: tuple[ScaleEvent, ...], now_ms: int, period_seconds: int) -> int:
    """Return how many replicas events younger than a period changed, outdated or not."""
    cutoff_ms = now_ms - period_seconds * 1000
    return sum(event.change for event in events if event.at_ms > cutoff_ms)
