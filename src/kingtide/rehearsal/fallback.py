"""From spot groups without capacity to a pod on an on-demand node: how long each part takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kingtide.control.action import SetDesiredCapacity
from kingtide.control.decision_entry import DecisionEntry
from kingtide.kube.pods import Pod
from kingtide.twin.journal import Mark
from kingtide.twin.world import World


class Fallback(msgspec.Struct, frozen=True):
    """The instants of a fallback in Unix milliseconds.

    `failed_ms` is the first failed launch of the spot group that failed last. `requested_ms` is the
    first request for on-demand instances, None while there was none; `running_ms` is when the last
    of the pods that waited then runs, None while one of them does not.
    """

    failed_ms: int
    requested_ms: int | None = None
    running_ms: int | None = None


class Waiting:
    """Follows pods that the scheduler could not place until they run."""

    def __init__(self, world: World) -> None:
        self._asked_ms: dict[str, int] = {}
        self.ran: list[tuple[int, int]] = []
        """When each was first refused a place, and when it ran."""
        world.store.on_pods(self._on_pod)

    @property
    def asked_ms(self) -> Mapping[str, int]:
        """When those that do not run yet were first refused a place, by uid."""
        return self._asked_ms

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None:
                self._asked_ms.pop(old.uid, None)
        elif new.is_unschedulable and new.scheduled is not None:
            self._asked_ms.setdefault(new.uid, new.scheduled.since_ms)
        elif new.phase == "Running" and new.uid in self._asked_ms:
            asked_ms = self._asked_ms.pop(new.uid)
            self.ran.append((asked_ms, new.ready.since_ms if new.ready is not None else 0))


def fallback(
    lifecycles: Mapping[str, str],
    marks: Iterable[Mark],
    decisions: Iterable[DecisionEntry],
    waiting: Waiting,
) -> Fallback | None:
    """Return the fallback of a run, None where no spot group failed.

    `lifecycles` is by name of the Auto Scaling group.
    """
    first: dict[str, int] = {}
    for mark in marks:
        if mark.kind == "launch_failed" and lifecycles.get(mark.subject) == "spot":
            first.setdefault(mark.subject, mark.at_ms)
    if not first:
        return None
    failed_ms = max(first.values())
    requested_ms = next(_requests(lifecycles, decisions), None)
    waited = [(asked, ran) for asked, ran in waiting.ran if asked <= failed_ms <= ran]
    still = any(asked <= failed_ms for asked in waiting.asked_ms.values())
    running_ms = None if still or not waited else max(ran for _, ran in waited)
    return Fallback(failed_ms, requested_ms, running_ms)


def _requests(lifecycles: Mapping[str, str], decisions: Iterable[DecisionEntry]) -> Iterator[int]:
    for decision in decisions:
        for outcome in decision.outcomes:
            action = outcome.action
            if outcome.status != "done" or not isinstance(action, SetDesiredCapacity):
                continue
            grows = action.desired > action.expected_desired
            if grows and lifecycles.get(action.group) == "on-demand":
                yield decision.at_ms
