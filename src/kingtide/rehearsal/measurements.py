"""What figures are made from: exact counts since recording began, and sampled series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from kingtide.aws.autoscaling import Lifecycle
from kingtide.control.action import Action
from kingtide.rehearsal.fallback import Fallback, fallback
from kingtide.rehearsal.followers import Followers
from kingtide.rehearsal.zone_balance import ZoneFigures
from kingtide.twin.cluster.availability import Tally
from kingtide.twin.ingress.account import Counts

if TYPE_CHECKING:
    from kingtide.twin.world import World

LIFECYCLES: tuple[Lifecycle, ...] = ("spot", "on-demand")


class Measurements(msgspec.Struct, frozen=True):
    """One run's measurements; keys are applications (`namespace/name`) and priority classes."""

    classes: Mapping[str, Tally]
    applications: Mapping[str, Tally]
    starts_ms: Mapping[str, Sequence[int]]
    """From creation to ready of every pod that was created and became ready in time, sorted."""
    pending_ms: Mapping[str, int]
    node_waits_ms: Sequence[int]
    unserved_core_ms: Mapping[str, int]
    cost_micro_usd: Mapping[Lifecycle, int]
    instance_ms: Mapping[Lifecycle, int]
    """How long instances were billed, added up."""
    rescales: Mapping[str, int]
    preemptions: int
    marks: Mapping[str, int]
    """Marked events by kind."""
    actions_done: Sequence[Action]
    series: Mapping[str, Sequence[float]]
    step_seconds: int
    """Between two values of a series."""
    fallback: Fallback | None
    """None where no spot group failed."""
    zones: ZoneFigures
    reclaimed: Mapping[str, int]
    """Spot instances taken back, by cause."""
    killed: Mapping[str, int]
    """Times that containers were killed, by application; the empty key for pods of none."""
    requests: Mapping[str, Counts]
    """By application, of those whose demand comes in as requests."""
    oldest_on_demand_ms: int | None
    """The greatest age of an on-demand node that spot could serve for; None without such nodes."""


class Baseline(msgspec.Struct, frozen=True):
    """Counters of a world that run from its first moment, as they stand when recording begins."""

    cost: Mapping[Lifecycle, int]
    instance_ms: Mapping[Lifecycle, int]
    unserved_core_ms: Mapping[str, int]
    rescales: Mapping[str, int]
    preemptions: int
    reclaimed: Mapping[str, int]
    killed: Mapping[str, int]
    requests: Mapping[str, Counts]


def baseline(world: World) -> Baseline:
    """Return the counters as they stand."""
    now_ms = world.engine.now_ms
    applications = world.definition.applications
    return Baseline(
        cost={name: world.cloud.cost.spent_micro_usd(name, now_ms) for name in LIFECYCLES},
        instance_ms={name: world.cloud.cost.instance_ms(name, now_ms) for name in LIFECYCLES},
        unserved_core_ms={
            a.key: world.metrics.unserved.core_milliseconds(number, now_ms)
            for number, a in enumerate(applications)
        },
        rescales={key: scaled.rescales for key, scaled in world.autoscalers.by_key.items()},
        preemptions=world.scheduler.preemptions,
        reclaimed=dict(world.cloud.interruptions.reclaimed),
        killed=dict(world.restarts.killed),
        requests=_requests(world),
    )


def measure(
    world: World,
    since: Baseline,
    followed: Followers,
    series: Mapping[str, Sequence[float]],
    step_seconds: int,
) -> Measurements:
    """Return what happened in a world since recording began."""
    now = baseline(world)
    availability = world.availability
    availability.settle()
    marks: dict[str, int] = {}
    for mark in world.journal.marks:
        marks[mark.kind] = marks.get(mark.kind, 0) + 1
    return Measurements(
        classes=availability.classes,
        applications=availability.applications,
        starts_ms=_starts(world),
        pending_ms=_pending(world),
        node_waits_ms=followed.waits.waits_ms,
        unserved_core_ms={
            key: spent - since.unserved_core_ms[key] for key, spent in now.unserved_core_ms.items()
        },
        cost_micro_usd={name: spent - since.cost[name] for name, spent in now.cost.items()},
        instance_ms={name: ms - since.instance_ms[name] for name, ms in now.instance_ms.items()},
        rescales={key: count - since.rescales[key] for key, count in now.rescales.items()},
        preemptions=now.preemptions - since.preemptions,
        marks=marks,
        actions_done=[
            outcome.action
            for decision in world.journal.decisions
            for outcome in decision.outcomes
            if outcome.status == "done"
        ],
        series=series,
        step_seconds=step_seconds,
        fallback=fallback(
            {it.group.name: it.group.lifecycle for it in world.definition.node_groups},
            world.journal.marks,
            world.journal.decisions,
            followed.waiting,
        ),
        zones=followed.zones.figures(),
        reclaimed={
            why: count - since.reclaimed.get(why, 0) for why, count in now.reclaimed.items()
        },
        killed={key: count - since.killed.get(key, 0) for key, count in now.killed.items()},
        requests={
            key: Counts(*(a - b for a, b in zip(counts, since.requests[key], strict=True)))
            for key, counts in now.requests.items()
        },
        oldest_on_demand_ms=followed.ages.oldest_ms(world.engine.now_ms),
    )


def _requests(world: World) -> dict[str, Counts]:
    ingress = world.ingress
    return {} if ingress is None else {key: ingress.counts(key) for key in ingress.keys}


def _starts(world: World) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for start in world.availability.pod_starts:
        found.setdefault(start.application, []).append(start.ready_ms - start.created_ms)
    for waits in found.values():
        waits.sort()
    return found


def _pending(world: World) -> dict[str, int]:
    """Return the longest wait for a node by priority class, those that still wait included."""
    found = dict(world.availability.longest_pending_ms)
    now_ms, start_ms = world.engine.now_ms, world.definition.start_ms
    for pod in world.store.pods.values():
        name = pod.spec.priority_class_name
        if not pod.node_name and pod.deletion_ms is None and name in found:
            found[name] = max(found[name], now_ms - max(pod.created_ms, start_ms))
    return found
