"""Instances that a lifecycle hook holds before they end, until somebody answers or time is up.

Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from kingtide.aws.autoscaling import Instance, LifecycleHook
from kingtide.twin.cloud import event_bodies
from kingtide.twin.cloud.answer import DONE, Answer, validation_error
from kingtide.twin.cloud.queue import InterruptionQueue
from kingtide.twin.cloud.uuids import uuid_of
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.seed import SeedTree

LifecycleResult = Literal["CONTINUE", "ABANDON"]


class _Wait(msgspec.Struct):
    instance: Instance
    hook: LifecycleHook
    token: str
    until_ms: int
    last_ms: int
    proceed: Callable[[], None]


class LifecycleWaits:
    """Every instance in Terminating:Wait; `timeouts` counts waits that nobody answered."""

    def __init__(self, engine: Engine, seeds: SeedTree, queue: InterruptionQueue) -> None:
        self.timeouts = 0
        self._engine = engine
        self._seeds = seeds
        self._queue = queue
        self._waits: dict[str, _Wait] = {}

    def begin(
        self, instance: Instance, hook: LifecycleHook, number: int, proceed: Callable[[], None]
    ) -> None:
        """Hold an instance, its group's number-th termination, and tell the queue."""
        now_ms = self._engine.now_ms
        token = uuid_of(self._seeds, "cloud/lifecycle-token", f"{instance.group}/{number}")
        until_ms = now_ms + 1_000 * hook.heartbeat_timeout_seconds
        last_ms = now_ms + hook.longest_wait_ms
        wait = _Wait(instance, hook, token, until_ms, last_ms, proceed)
        self._waits[instance.instance_id] = wait
        self._engine.at(until_ms, EventClass.WORLD, self._look, wait)
        self._queue.send(
            lambda event_id: event_bodies.terminate_lifecycle_action(
                event_id, now_ms, instance, hook, token
            )
        )

    def complete(
        self, group: str, hook: str, instance_id: str, token: str, result: LifecycleResult
    ) -> Answer:
        """End a wait: at a termination both results let the instance end."""
        wait = self._find(group, hook, instance_id, token)
        if wait is None:
            return _no_action(token)
        self._engine.trace(f"cloud {group} hook {result} {instance_id}")
        self._end(wait)
        return DONE

    def heartbeat(self, group: str, hook: str, instance_id: str, token: str) -> Answer:
        """Restart a wait's timeout, never beyond the hook's longest wait."""
        wait = self._find(group, hook, instance_id, token)
        if wait is None:
            return _no_action(token)
        timeout_ms = 1_000 * wait.hook.heartbeat_timeout_seconds
        wait.until_ms = min(self._engine.now_ms + timeout_ms, wait.last_ms)
        self._engine.trace(f"cloud {group} heartbeat {instance_id}")
        self._engine.at(wait.until_ms, EventClass.WORLD, self._look, wait)
        return DONE

    def token_of(self, instance_id: str) -> str:
        """Return the token of an instance's wait, empty where it waits for nothing."""
        wait = self._waits.get(instance_id)
        return "" if wait is None else wait.token

    def drop(self, instance_id: str) -> None:
        """Forget a wait: its instance is gone before anybody answered."""
        self._waits.pop(instance_id, None)

    def _find(self, group: str, hook: str, instance_id: str, token: str) -> _Wait | None:
        wait = self._waits.get(instance_id)
        if wait is None or wait.token != token or wait.hook.name != hook:
            return None
        return wait if wait.instance.group == group else None

    def _look(self, wait: _Wait) -> None:
        if self._waits.get(wait.instance.instance_id) is not wait:
            return
        if self._engine.now_ms < wait.until_ms:
            return  # a heartbeat moved the end
        self.timeouts += 1
        self._engine.trace(f"cloud {wait.instance.group} timeout {wait.instance.instance_id}")
        self._end(wait)

    def _end(self, wait: _Wait) -> None:
        del self._waits[wait.instance.instance_id]
        wait.proceed()


def _no_action(token: str) -> Answer:
    return validation_error(f"No active Lifecycle Action found with token {token}")
