"""A real cluster and a real account, as a running process sees and changes them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from kingtide.control.action import Action, SetDesiredCapacity, TerminateInstance
from kingtide.control.controller import Topic
from kingtide.control.inbox import Message
from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
from kingtide.control.outcome import Outcome
from kingtide.control.snapshot import CloudView, ClusterView
from kingtide.kube.namespaces import CLUSTER_ANNOTATION, KINGTIDE_NAMESPACE
from kingtide.live.aws.performing import AwsPerformer
from kingtide.live.aws.queue import InterruptionInbox
from kingtide.live.aws.view import AwsView
from kingtide.live.kubernetes.observing.observed import Observed
from kingtide.live.kubernetes.performing.performer import KubernetesPerformer

ON_THE_CLOUD = (
    SetDesiredCapacity,
    TerminateInstance,
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
"""Actions that are calls to AWS; all others are calls to the cluster's API."""


LEAD_LOOK_SECONDS = 0.25
"""How soon it is seen that we lead, or lead no more; messages wait that long."""


class LiveWorld:
    """Implements `operate.running.world.World`; `run` keeps it current.

    `messages` is set by the queue's reader when one has come. The queue is read while we lead: two
    readers would hide messages from each other.
    """

    def __init__(
        self,
        observed: Observed,
        view: AwsView,
        kubernetes: KubernetesPerformer,
        aws: AwsPerformer,
        leads: Callable[[], bool],
        queue: InterruptionInbox | None = None,
        messages: asyncio.Event | None = None,
    ) -> None:
        self.cluster: ClusterView = observed.index
        self.cloud: CloudView = view
        self._observed = observed
        self._view = view
        self._kubernetes = kubernetes
        self._aws = aws
        self._leads = leads
        self._queue = queue
        self._messages = messages or asyncio.Event()
        self._woken = asyncio.Event()
        self._seen_since: float | None = None

    @property
    def inbox(self) -> tuple[Message, ...]:
        """Messages received and not acknowledged."""
        return () if self._queue is None else self._queue.messages

    async def run(self) -> None:
        """Keep everything current until cancelled; raises what ends any part of it."""
        self._seen_since = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._observed.run())
            tasks.create_task(self._view.run())
            if self._queue is not None:
                tasks.create_task(self._read(self._queue))

    async def _read(self, queue: InterruptionInbox) -> None:
        while True:
            while not self._leads():
                await asyncio.sleep(LEAD_LOOK_SECONDS)
            reading = asyncio.ensure_future(queue.run())
            try:
                while self._leads() and not reading.done():
                    await asyncio.wait({reading}, timeout=LEAD_LOOK_SECONDS)
                if reading.done():
                    reading.result()
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
            await self.give_back()

    async def give_back(self) -> None:
        """Leave the messages that are held to who leads next."""
        if self._queue is not None:
            await self._queue.hand_back()

    def wake(self) -> None:
        """Have who waits for a change go on: something else has arrived."""
        self._woken.set()

    def see_afresh(self, led_since: float) -> None:
        """List and ask everything again, unless all of it was seen since."""
        if self._seen_since is None or self._seen_since >= led_since:
            return
        self._seen_since = time.monotonic()
        self._observed.relist()
        self._view.begin_anew()
        if self._queue is not None:
            self._queue.begin_anew()

    def waited_seconds(self) -> float:
        """Return how long the oldest waited of what was taken in last."""
        return self._observed.waited_seconds

    def take_in(self) -> tuple[Topic, ...]:
        """Take in what arrived since the last time; return what it was about."""
        self._woken.clear()
        topics = self._observed.take_in()
        if self._messages.is_set():
            self._messages.clear()
            topics = (*topics, "inbox")
        return topics

    def staleness_seconds(self) -> Mapping[str, float]:
        """Return, by what is watched, how long nothing was heard of it."""
        found = dict(self._observed.staleness_seconds())
        found["autoScalingGroups"] = self._view.staleness_seconds
        if self._queue is not None and self._leads():
            found["interruptionQueue"] = self._queue.staleness_seconds
        return found

    def identity(self) -> str | None:
        """Return the cluster's full name as `kingtide compile` wrote it on our namespace."""
        namespace = self.cluster.namespaces.get(KINGTIDE_NAMESPACE)
        return None if namespace is None else namespace.annotations.get(CLUSTER_ANNOTATION)

    async def changed(self) -> None:
        """Return as soon as something has arrived that was not taken in."""
        waits = {
            asyncio.ensure_future(self._observed.changed()),
            asyncio.ensure_future(self._messages.wait()),
            asyncio.ensure_future(self._woken.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def perform(self, controller: str, action: Action) -> Outcome:
        """Do one action; what goes wrong is an outcome, never an exception."""
        if isinstance(action, ON_THE_CLOUD):
            return await self._aws.perform(action, controller)
        return await self._kubernetes.perform(action)
