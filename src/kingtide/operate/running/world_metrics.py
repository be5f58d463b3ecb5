"""What the parts of a live world have counted, as metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.queue import InterruptionInbox
from kingtide.live.aws.view import AwsView
from kingtide.live.kubernetes.events.recorder import EventRecorder
from kingtide.live.kubernetes.observing.observed import Observed
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from kingtide.operate.running import metric_table as table
from kingtide.operate.running.metric_table import Declared
from kingtide.operate.running.metrics import Sample
from kingtide.operate.running.world import Leadership

Name = TypeVar("Name", bound=str)


class Parts(msgspec.Struct, frozen=True):
    """What a process consists of towards the outside; `queue` and `events` may be missing."""

    observed: Observed
    view: AwsView
    aws: AwsClient
    rate: WriteRate
    leadership: Leadership
    queue: InterruptionInbox | None = None
    events: EventRecorder | None = None

    def samples(self) -> Iterator[Sample]:
        """Yield everything that was counted, as it is now."""
        yield Sample(table.TERMS, (), self.leadership.terms)
        yield Sample(table.LEASE_FAILURES, (), self.leadership.failures)
        yield Sample(table.WRITES_HELD_BACK, (), self.rate.refused)
        yield from self._watches()
        yield from self._aws()
        if self.queue is not None:
            yield Sample(table.QUEUE_MESSAGES, (), len(self.queue.messages))
            yield Sample(table.QUEUE_FAILURES, (), self.queue.failures)
        if self.events is not None:
            yield Sample(table.EVENTS, ("written",), self.events.written)
            yield Sample(table.EVENTS, ("failed",), self.events.failures)
            yield Sample(table.EVENTS, ("dropped",), self.events.counted.dropped)

    def _watches(self) -> Iterator[Sample]:
        for name, it in self.observed.following().items():
            yield Sample(table.OBJECTS, (name,), it.objects)
            yield Sample(table.UNREADABLE, (name,), it.unreadable)
            yield Sample(table.LISTS, (name,), it.lists)
            yield Sample(table.WATCH_FAILURES, (name,), it.failures)

    def _aws(self) -> Iterator[Sample]:
        yield from _each(table.AWS_CALLS, self.aws.calls)
        yield from _each(table.AWS_FAILURES, self.aws.failures)
        yield from _each(table.AWS_HELD_BACK, self.aws.limits.refused)
        yield Sample(table.AWS_REFRESHES, ("done",), self.view.refreshes)
        yield Sample(table.AWS_REFRESHES, ("failed",), self.view.failures)
        yield from _each(table.ODDITIES, self.view.oddities.counts)
        if self.queue is not None:  # whose codes are others: a message is no group
            yield from _each(table.ODDITIES, self.queue.oddities.counts)


def _each(metric: Declared, counts: Mapping[Name, int]) -> Iterator[Sample]:
    for name in sorted(counts):
        yield Sample(metric, (name,), counts[name])
