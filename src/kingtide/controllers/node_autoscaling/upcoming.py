"""Capacity that was asked for and is not there yet: counted, never forgotten, given up in time.

What we asked for is known in three steps: our own request until the cloud's description shows it
(`Ask`), the group's desired capacity above its instances (`Batch`: how many since when), and an
instance without a Ready node. After a restart only the first step is lost, and the precondition of
a request makes asking twice harmless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kingtide.control.action import NODE_EXISTS, SetDesiredCapacity, TerminateInstance
from kingtide.control.outcome import Outcome
from kingtide.controllers.node_autoscaling.snapshot import GroupStanding

UNCONFIRMED_MAX_MS = 120_000
"""A request that no description confirmed after this is taken as lost: descriptions are at most a
cache refresh (60 s) and a slow call old."""


class Ask(msgspec.Struct, frozen=True, gc=False):
    """A desired capacity that we asked for and that the cloud's description does not show yet."""

    desired: int
    at_ms: int


class Batch(msgspec.Struct, frozen=True, gc=False):
    """Instances missing since a moment."""

    since_ms: int
    count: int


class Upcoming(msgspec.Struct, frozen=True):
    """What is on its way.

    `asks` are our unconfirmed requests and `batches` the missing instances, oldest first, both by
    group; `first_seen_ms` tells when an instance without a node was first seen, `condemned_ms` when
    we asked to terminate it. `put_back` are the batches that the last pass gave up, until it is
    known whether their group was put back.
    """

    asks: Mapping[str, Ask] = {}
    batches: Mapping[str, tuple[Batch, ...]] = {}
    first_seen_ms: Mapping[str, int] = {}
    condemned_ms: Mapping[str, int] = {}
    put_back: Mapping[str, tuple[Batch, ...]] = {}


NOTHING_UPCOMING = Upcoming()


def follow(
    upcoming: Upcoming,
    groups: Mapping[str, GroupStanding],
    outcomes: Sequence[Outcome],
    now_ms: int,
) -> Upcoming:
    """Return what is on its way now, given what became of our requests and what the cloud shows."""
    asks = _open_asks(upcoming.asks, groups, outcomes, now_ms)
    batches: dict[str, tuple[Batch, ...]] = {}
    first_seen_ms: dict[str, int] = {}
    condemned_ms: dict[str, int] = {}
    # After a restart nobody knows how long an instance has been booting but the cloud; counting
    # from now would keep one that never joins for as long as we are restarted often enough.
    remembers_nothing = upcoming is NOTHING_UPCOMING
    joined, not_put_back = _joined(outcomes), _not_put_back(upcoming, outcomes)
    in_vain = _asked_in_vain(outcomes)
    for name, group in groups.items():
        missing = max(0, desired_of(group, asks) - group.live)
        if missing:
            known = not_put_back.get(name, upcoming.batches.get(name, ()))
            known = _without_newest(known, in_vain.get(name, 0))
            batches[name] = renew(known, missing, now_ms)
        for instance in group.booting:
            if instance.instance_id in joined:
                first_seen_ms[instance.instance_id] = now_ms
                continue
            since_ms = instance.launched_ms if remembers_nothing else now_ms
            known_ms = upcoming.first_seen_ms.get(instance.instance_id, since_ms)
            first_seen_ms[instance.instance_id] = known_ms
            asked_ms = upcoming.condemned_ms.get(instance.instance_id)
            if asked_ms is not None and now_ms - asked_ms <= UNCONFIRMED_MAX_MS:
                condemned_ms[instance.instance_id] = asked_ms
    return Upcoming(asks, batches, first_seen_ms, condemned_ms)


def _joined(outcomes: Sequence[Outcome]) -> Mapping[str, None]:
    """Return the instances that were to be terminated and turned out to be nodes already.

    The watch hangs, then. They are waited for anew, so that nobody asks again in each pass.
    """
    return {
        it.action.instance_id: None
        for it in outcomes
        if isinstance(it.action, TerminateInstance) and it.code == NODE_EXISTS
    }


def _not_put_back(
    upcoming: Upcoming, outcomes: Sequence[Outcome]
) -> Mapping[str, tuple[Batch, ...]]:
    """Return what groups that could not be put back still miss, since when they have missed it.

    Their failure is as old as it was: the pass that sees it again puts them back again.
    """
    return {
        it.action.group: upcoming.put_back[it.action.group]
        for it in outcomes
        if isinstance(it.action, SetDesiredCapacity)
        and it.action.desired < it.action.expected_desired
        and it.status != "done"
        and it.action.group in upcoming.put_back
    }


def _asked_in_vain(outcomes: Sequence[Outcome]) -> Mapping[str, int]:
    """Return how many instances more the requests that came to nothing asked for, by group."""
    return {
        it.action.group: it.action.desired - it.action.expected_desired
        for it in outcomes
        if isinstance(it.action, SetDesiredCapacity)
        and it.action.desired > it.action.expected_desired
        and it.status != "done"
    }


def _without_newest(batches: tuple[Batch, ...], count: int) -> tuple[Batch, ...]:
    """Return the batches without the last so many: what is missing still is missing as long."""
    kept = list(batches)
    while count and kept:
        last = kept.pop()
        if last.count > count:
            kept.append(Batch(last.since_ms, last.count - count))
        count = max(0, count - last.count)
    return tuple(kept)


def renew(batches: tuple[Batch, ...], missing: int, now_ms: int) -> tuple[Batch, ...]:
    """Return the batches that make up the missing instances.

    What arrived counts for the oldest request; what is missing beyond the known batches (somebody
    raised the group, an instance was reclaimed, we restarted) is missing since now.
    """
    known = sum(batch.count for batch in batches)
    if missing > known:
        return (*batches, Batch(now_ms, missing - known))
    surplus = known - missing
    kept = []
    for batch in batches:
        if surplus >= batch.count:
            surplus -= batch.count
            continue
        kept.append(Batch(batch.since_ms, batch.count - surplus) if surplus else batch)
        surplus = 0
    return tuple(kept)


def desired_of(group: GroupStanding, asks: Mapping[str, Ask]) -> int:
    """Return the desired capacity that counts: our own request until it is confirmed."""
    ask = asks.get(group.name)
    return group.group.desired_capacity if ask is None else ask.desired


def missing_of(upcoming: Upcoming, group: str) -> int:
    """Return how many instances of a group are missing."""
    return sum(batch.count for batch in upcoming.batches.get(group, ()))


def oldest_ms(upcoming: Upcoming, group: str) -> int | None:
    """Return since when the longest missing instance is missing, None when none is."""
    batches = upcoming.batches.get(group, ())
    return batches[0].since_ms if batches else None


def nodes_to_come(upcoming: Upcoming, group: GroupStanding) -> int:
    """Return how many nodes a group will still bring: missing, without a node, or never Ready."""
    return missing_of(upcoming, group.name) + nodes_starting(upcoming, group)


def nodes_starting(upcoming: Upcoming, group: GroupStanding) -> int:
    """Return how many launched instances will still become Ready nodes."""
    booting = sum(it.instance_id not in upcoming.condemned_ms for it in group.booting)
    return booting + len(group.starting)


def with_ask(upcoming: Upcoming, action: SetDesiredCapacity, live: int, now_ms: int) -> Upcoming:
    """Return what is on its way after one more request of ours; `live` instances are there."""
    name = action.group
    missing = max(0, action.desired - live)
    put_back = upcoming.put_back
    if action.desired < action.expected_desired and name in upcoming.batches:
        put_back = {**put_back, name: upcoming.batches[name]}
    batches = {key: it for key, it in upcoming.batches.items() if key != name}
    if missing:
        batches[name] = renew(upcoming.batches.get(name, ()), missing, now_ms)
    asks = {**upcoming.asks, name: Ask(action.desired, now_ms)}
    return msgspec.structs.replace(upcoming, asks=asks, batches=batches, put_back=put_back)


def with_terminations(
    upcoming: Upcoming, group: GroupStanding, instance_ids: Sequence[str], now_ms: int
) -> Upcoming:
    """Return what is on its way after we asked to terminate instances.

    Each lowers the desired capacity by one.
    """
    desired = max(0, desired_of(group, upcoming.asks) - len(instance_ids))
    return msgspec.structs.replace(
        upcoming,
        asks={**upcoming.asks, group.name: Ask(desired, now_ms)},
        condemned_ms={**upcoming.condemned_ms, **dict.fromkeys(instance_ids, now_ms)},
    )


def _open_asks(
    asks: Mapping[str, Ask],
    groups: Mapping[str, GroupStanding],
    outcomes: Sequence[Outcome],
    now_ms: int,
) -> Mapping[str, Ask]:
    if not asks:
        return asks
    # Whatever was not done leaves the real number unknown: the description tells again.
    unclear = {
        outcome.action.group
        for outcome in outcomes
        if isinstance(outcome.action, SetDesiredCapacity | TerminateInstance)
        and outcome.status != "done"
    }
    return {
        name: ask
        for name, ask in asks.items()
        if name in groups
        and groups[name].group.desired_capacity != ask.desired
        and name not in unclear
        and now_ms - ask.at_ms <= UNCONFIRMED_MAX_MS
    }
