"""What a running process needs of the world it acts in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from kingtide.control.action import Action
from kingtide.control.controller import Topic
from kingtide.control.inbox import Message
from kingtide.control.outcome import Outcome
from kingtide.control.snapshot import CloudView, ClusterView


class World(Protocol):
    """A cluster and a cloud account, kept current beside the passes."""

    @property
    def cluster(self) -> ClusterView:
        """The cluster as last taken in; it changes in `take_in` only, between two passes."""

    @property
    def cloud(self) -> CloudView:
        """The cloud as last taken in."""

    @property
    def inbox(self) -> tuple[Message, ...]:
        """Messages received and not acknowledged."""

    def take_in(self) -> tuple[Topic, ...]:
        """Take in what arrived since the last time; return what it was about."""

    def waited_seconds(self) -> float:
        """Return how long the oldest waited of what was taken in last."""

    def see_afresh(self, led_since: float) -> None:
        """Trust nothing that was seen before a term began, by the monotonic clock.

        Until all is seen again it is infinitely stale.
        """

    def staleness_seconds(self) -> Mapping[str, float]:
        """Return, by what is watched, how long nothing was heard of it; infinite before a list."""

    def identity(self) -> str | None:
        """Return the cluster's name as the cluster itself says it, None where it does not."""

    async def changed(self) -> None:
        """Return as soon as something has arrived that was not taken in."""

    async def perform(self, controller: str, action: Action) -> Outcome:
        """Do one action; what goes wrong is an outcome, never an exception."""


class Leadership(Protocol):
    """Whether this process may act."""

    @property
    def identity(self) -> str:
        """Who we are among those who might lead."""

    @property
    def is_leader(self) -> bool:
        """Whether the lease is ours and was renewed lately enough to act under it."""

    @property
    def terms(self) -> int:
        """How often this process began to lead."""

    @property
    def led_since(self) -> float:
        """When the last term began, by the monotonic clock."""

    @property
    def failures(self) -> int:
        """How many tries to lead failed."""

    @property
    def last_failure(self) -> str:
        """Why the last of them did, empty without."""


class Alone:
    """Leads without a Lease: for who writes nothing, and must not keep others from leading."""

    def __init__(self, identity: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.identity = identity
        self.is_leader = True
        self.terms = 1
        self.led_since = clock()
        self.failures = 0
        self.last_failure = ""
