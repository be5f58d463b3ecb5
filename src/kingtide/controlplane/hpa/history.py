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
    """A slot list of recommendations, kept as two columns because every pass scans them.

    `newest_slot` is where the last one was written while the slots, read in a circle from the next
    one on, are chronological; -1 says that this order is not known.
    """

    at_ms: tuple[int, ...] = ()
    replicas: tuple[int, ...] = ()
    newest_slot: int = -1

    @property
    def slots(self) -> tuple[Recommendation, ...]:
        """The recommendations, slot by slot."""
        return tuple(map(Recommendation, self.at_ms, self.replicas))

    def recorded(self, now_ms: int, replicas: int, expired_before_ms: int) -> Recommendations:
        """Return the list with one more entry, in the last expired slot or at the end."""
        at, kept = self.at_ms, self.replicas
        slot = self.last_expired_slot(expired_before_ms)
        if slot is None:
            slot = len(at)
            at, kept = (*at, now_ms), (*kept, replicas)
        else:
            at = (*at[:slot], now_ms, *at[slot + 1 :])
            if kept[slot] != replicas:
                kept = (*kept[:slot], replicas, *kept[slot + 1 :])
        newest = slot if self._stays_in_order(slot, now_ms) else -1
        return Recommendations(at, kept, newest)

    def _stays_in_order(self, written: int, now_ms: int) -> bool:
        """Return whether an entry written there is the next of the circle."""
        count = len(self.at_ms)
        if count == 0:
            return True
        newest = self.newest_slot
        if newest < 0 or self.at_ms[newest] > now_ms:
            return False
        return written == (newest + 1 if written == count else (newest + 1) % count)

    def last_expired_slot(self, before_ms: int) -> int | None:
        """Return the last slot older than a moment, None when there is none."""
        at = self.at_ms
        count = len(at)
        if self.newest_slot >= 0:
            # Passes are regular, so mostly the oldest slot has expired and the next one has not.
            oldest = (self.newest_slot + 1) % count
            if at[oldest] >= before_ms:
                return None
            if at[(oldest + 1) % count] >= before_ms:
                return oldest
        for slot in range(count - 1, -1, -1):
            if at[slot] < before_ms:
                return slot
        return None


def recommendations_of(slots: tuple[Recommendation, ...]) -> Recommendations:
    """Return a slot list with these slots, in no known order."""
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
