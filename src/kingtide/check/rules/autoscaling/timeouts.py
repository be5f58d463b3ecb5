"""Whether the groups of a tier are tried and left before the first of them is asked again."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.autoscaling.priority_texts import autoscaling_policy
from kingtide.check.rules.groups.node_group import by_application_group
from kingtide.check.view import ClusterView, Found
from kingtide.controllers.node_autoscaling.backoff import fail, is_backed_off

_SHORTEST_SECONDS = 240
"""A timeout below this gives up nodes that are on their way: EC2 takes two to four minutes, as
published with the evening of examples/article."""


def _asked_again(cluster: ClusterView) -> Iterable[Found]:
    policy = autoscaling_policy(cluster)
    # What a request fails after is noticed at the next look.
    each_ms = (policy.max_node_provision_seconds + policy.scan_interval_seconds) * 1000
    for name, groups in by_application_group(cluster).items():
        spot = [it for it in groups if it.is_meant_for_spot]
        if len(spot) < 2 or len(spot) == len(groups):
            continue
        backoffs = fail({}, spot[0].name, "timeout", policy.backoff, now_ms=0)
        if is_backed_off(backoffs, spot[0].name, (len(spot) - 1) * each_ms):
            continue
        longest = policy.backoff.initial_seconds // (len(spot) - 1) - policy.scan_interval_seconds
        wrong = (
            f"{len(spot)} spot groups of {name} are given up after"
            f" {policy.max_node_provision_seconds} s each, and the first is asked again after"
            f" {policy.backoff.initial_seconds} s, before on-demand is"
        )
        advice = "use fewer spot groups, or a longer `backoff: {initial: ...}`"
        if longest >= _SHORTEST_SECONDS:
            advice = f"write `maxNodeProvisionTime: {longest}s` or less, or a longer backoff"
        yield cluster.found(("autoscaler", "maxNodeProvisionTime"), wrong, advice)


RULES = (
    Rule(
        code="KT306",
        title="A timeout that asks the first group again before on-demand",
        severity="warning",
        why="Groups of one tier are asked one after another. When the last one is given up, the"
        " first must still be in its back-off, or spot is asked in circles: with two groups a"
        " timeout of five minutes is as long as the back-off and so too long. It matters where"
        " nodes are launched and never join, which no failed launch tells; with"
        " `capacityFailureDetection: timeout` it matters always.",
        source="autoscaler#4958 and autoscaler#5903 (https://github.com/kubernetes/autoscaler),"
        " and examples/article, row 04, which plays it in the twin",
        failing=Example(spec="autoscaler: {maxNodeProvisionTime: 5m}"),
        passing=Example(spec="autoscaler: {maxNodeProvisionTime: 4m30s}"),
        check=each_cluster(_asked_again),
    ),
)
