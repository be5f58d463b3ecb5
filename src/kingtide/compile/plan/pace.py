"""How long a rolling update takes: kops' own algorithm, with waits for nodes and pods assumed.

Source: https://kops.sigs.k8s.io/operations/rolling-update/ and kops v1.35,
pkg/instancegroups/instancegroups.go (rollingUpdateInstanceGroup, drainTerminateAndWait,
validateClusterWithTimeout), pkg/instancegroups/settings.go (resolveSettings),
cmd/kops/rolling-update_cluster.go (the defaults of its flags).
"""

from __future__ import annotations

import heapq

import msgspec

from kingtide.compile.plan.instance_group import InstanceGroup, Role
from kingtide.kube.int_or_percent import NotAnAmount, is_percentage, scaled

POST_DRAIN_SECONDS = 5
"""--post-drain-delay: for connections of evicted pods to close."""
INTERVAL_SECONDS = 15
"""--control-plane-interval and --node-interval: between a termination and the first look."""
TICK_SECONDS = 30
"""Between two looks at a cluster that is not healthy yet (ValidateTickDuration)."""
CONFIRM_SECONDS = 10
"""Until the second of two successes (--validate-count 2, ValidateSuccessDuration)."""
DRAIN_TIMEOUT_SECONDS = 900
"""--drain-timeout: a node whose pods do not go in this time fails the roll."""
VALIDATION_TIMEOUT_SECONDS = 900
"""--validation-timeout: so does a cluster that is not healthy by then."""
SURGE_DEFAULT = "1"
"""maxSurge on AWS where neither group nor cluster names one."""


class Pace(msgspec.Struct, frozen=True):
    """How fast pods go and nodes come, in seconds."""

    drain_seconds: int
    replacement_seconds: int


FAST = Pace(drain_seconds=5, replacement_seconds=60)
"""Pods stop at once; an instance boots in 20 s, joins in 30 s, has its daemons in 10 s: the least
of the twin's measured and judged latencies (`node.boot`, `node.register`, `node.daemons_ready`)."""
SLOW = Pace(drain_seconds=120, replacement_seconds=240)
"""Pods use their default grace of 30 s, and some wait for a budget to let them go (judged); new
nodes take the up to four minutes of the published evening of 2020."""


class Strategy(msgspec.Struct, frozen=True):
    """Nodes more and nodes fewer while a group rolls."""

    surge: int
    unavailable: int

    @property
    def concurrency(self) -> int:
        """How many are drained at a time."""
        return self.surge + self.unavailable


class Span(msgspec.Struct, frozen=True):
    """From the shortest to the longest that is to be expected, when nothing blocks."""

    low_seconds: int
    high_seconds: int

    def plus(self, other: Span) -> Span:
        """Return both, one after the other."""
        return Span(self.low_seconds + other.low_seconds, self.high_seconds + other.high_seconds)


NO_TIME = Span(0, 0)


def strategy(group: InstanceGroup, cluster: dict[str, str | None], instances: int) -> Strategy:
    """Return a group's strategy for so many instances.

    `cluster` has `maxSurge` and `maxUnavailable` of the Cluster. A percentage of maxSurge rounds
    up; one of maxUnavailable rounds down, to no less than 1. The control plane cannot surge.
    """
    surge_text = _first(group.max_surge, cluster.get("maxSurge"), SURGE_DEFAULT)
    surge = _scaled(surge_text, instances, round_up=True)
    # By the amount before the control plane's is set to 0, as the source does.
    default = "1" if surge == 0 else "0"
    text = _first(group.max_unavailable, cluster.get("maxUnavailable"), default)
    unavailable = _scaled(text, instances, round_up=False)
    if is_percentage(text):
        unavailable = max(1, unavailable)
    if group.role == "control-plane":
        return Strategy(0, max(1, unavailable))
    return Strategy(surge, unavailable) if surge + unavailable else Strategy(0, 1)


def roll_span(role: Role, instances: int, how: Strategy) -> Span:
    """Return how long a group of so many instances, all to be replaced, takes."""
    return Span(roll_seconds(role, instances, how, FAST), roll_seconds(role, instances, how, SLOW))


def roll_seconds(role: Role, instances: int, how: Strategy, pace: Pace) -> int:
    """Return the seconds from the first look at the cluster to the last.

    Replacements of surged instances come first, one alone and then the others together; then as
    many are drained at a time as the strategy says, the detached ones last and without replacement.
    """
    if instances == 0:
        return 0
    if role == "bastion":
        return instances * INTERVAL_SECONDS  # neither drained nor validated
    surge = min(how.surge, instances)
    now = CONFIRM_SECONDS
    for _ in range(min(surge, 2)):
        now += _validated(INTERVAL_SECONDS, pace.replacement_seconds)
    return _drained(instances, surge, how.concurrency, pace, now, none_ready=surge == 0)


def longest_roll_seconds(instances: int, how: Strategy) -> int:
    """Return the seconds after which a roll has surely ended, or failed by kops' own timeouts."""
    one = DRAIN_TIMEOUT_SECONDS + POST_DRAIN_SECONDS + INTERVAL_SECONDS + VALIDATION_TIMEOUT_SECONDS
    rounds = 3 + -(-instances // max(1, how.concurrency))
    return VALIDATION_TIMEOUT_SECONDS + rounds * one


def _drained(
    instances: int, surge: int, concurrency: int, pace: Pace, now: int, *, none_ready: bool
) -> int:
    """Return when every instance is drained and the cluster has validated."""
    one = pace.drain_seconds + POST_DRAIN_SECONDS + INTERVAL_SECONDS
    running: list[tuple[int, int]] = []  # (done, when what replaces it is there)
    healthy_at = now
    for index in range(instances):
        replaced = index < instances - surge
        done = now + one
        heapq.heappush(
            running, (done, done - INTERVAL_SECONDS + pace.replacement_seconds * replaced)
        )
        if len(running) < concurrency and not (none_ready and index == 0):
            continue
        now, healthy_at = _swept(running, now, healthy_at, at_least=1)
        now += _validated(0, healthy_at - now)
        none_ready = False
        now, healthy_at = _swept(running, now, healthy_at, at_least=0)
    if running:
        now, healthy_at = _swept(running, now, healthy_at, at_least=len(running))
        now += _validated(0, healthy_at - now)
    return now


def _swept(
    running: list[tuple[int, int]], now: int, healthy_at: int, *, at_least: int
) -> tuple[int, int]:
    """Take the drains that are done, waiting for `at_least` so many of them."""
    while running and (at_least > 0 or running[0][0] <= now):
        done, there_at = heapq.heappop(running)
        now, healthy_at = max(now, done), max(healthy_at, there_at)
        at_least -= 1
    return now, healthy_at


def _validated(waited: int, unhealthy_seconds: int) -> int:
    """Return the time to a validated cluster that is unhealthy for so long from now on."""
    left = max(0, unhealthy_seconds - waited)
    return waited + -(-left // TICK_SECONDS) * TICK_SECONDS + CONFIRM_SECONDS


def _first(*texts: str | None) -> str:
    return next(text for text in texts if text is not None)


def _scaled(text: str, total: int, *, round_up: bool) -> int:
    try:
        return scaled(text, total, round_up=round_up)
    except NotAnAmount:
        return 0
