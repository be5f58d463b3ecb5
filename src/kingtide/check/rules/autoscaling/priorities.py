"""The order in which an autoscaler asks groups: patterns that reach what they are meant for."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.autoscaling.priority_texts import (
    ScaledGroup,
    autoscaling_policy,
    priority_texts,
    scaled_groups,
)
from kingtide.check.view import ClusterView, Found
from kingtide.controllers.node_autoscaling.priorities import (
    LOWEST_TIER,
    Priorities,
    Tier,
    tier_of,
)

_EXPANDER = (
    "https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/expander/priority/"
    "priority.go"
)
_PROBLEMS = {
    "missing": "there is none",
    "empty": "it is empty",
    "yaml": "it is no map from whole numbers to lists of patterns",
    "regex": "a pattern is not one of RE2, the regular expressions of Go",
}


def _manifest(*tiers: str) -> Example:
    lines = "".join(f"    {line}\n" for line in tiers)
    return Example(
        files={
            "manifests/priorities.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
            "  name: cluster-autoscaler-priority-expander\n  namespace: kube-system\n"
            f"data:\n  priorities: |\n{lines}"
        }
    )


_GOOD = _manifest('10: ["^on-demand-"]', '50: ["^spot-nodes-"]')


def _unreadable(cluster: ClusterView) -> Iterable[Found]:
    for text in priority_texts(cluster):
        problem = text.priorities.problem
        if problem is not None:
            wrong = (
                f"the order of groups is not read: {_PROBLEMS[problem]} ({text.priorities.detail})"
            )
            advice = 'write for example `50: ["^spot-nodes-"]`, without look-ahead or look-behind'
            yield text.found(cluster, wrong, advice)


def _matching_nothing(cluster: ClusterView) -> Iterable[Found]:
    names = [it.name for it in scaled_groups(cluster)]
    for text in priority_texts(cluster):
        for tier in text.priorities.tiers:
            for pattern in tier.patterns:
                alone = Priorities(tiers=(Tier(tier.priority, (pattern,)),))
                if not any(tier_of(name, alone) is not None for name in names):
                    wrong = f"{pattern!r} of priority {tier.priority} matches no group"
                    advice = f"match names such as {names[0]}" if names else "take it out"
                    yield text.found(cluster, wrong, advice)


def _unmatched(cluster: ClusterView) -> Iterable[Found]:
    for text in priority_texts(cluster):
        if text.priorities.problem is not None:
            continue
        for it in scaled_groups(cluster):
            tier = tier_of(it.name, text.priorities)
            if tier is None:
                wrong = f"no pattern matches {it.name}: it is not asked while others can help"
                yield text.found(cluster, wrong, "add a pattern that does")
            elif tier < LOWEST_TIER:
                wrong = f"{it.name} stands at {tier}, below which nothing is ever asked"
                yield text.found(cluster, wrong, f"write {LOWEST_TIER} or more")


def _spot_not_first(cluster: ClusterView) -> Iterable[Found]:
    for text in priority_texts(cluster):
        if text.priorities.problem is not None:
            continue
        tiers = [(it, tier_of(it.name, text.priorities)) for it in scaled_groups(cluster)]
        for spot, of_spot in tiers:
            for other, of_other in tiers:
                if of_spot is None or of_other is None or not _stands_in(other, spot):
                    continue
                if of_other >= of_spot:
                    how = "before" if of_other > of_spot else "as soon as"
                    wrong = f"{other.name} is asked {how} {spot.name}"
                    yield text.found(cluster, wrong, "give spot the higher number")


def _stands_in(other: ScaledGroup, spot: ScaledGroup) -> bool:
    """Return whether a group is the on-demand one behind a group for spot."""
    is_pair = spot.group.is_meant_for_spot and not other.group.is_meant_for_spot
    return is_pair and spot.group.serves == other.group.serves


def _not_by_priority(cluster: ClusterView) -> Iterable[Found]:
    policy = autoscaling_policy(cluster)
    if policy.expander[:1] == ("priority",):
        return
    groups = scaled_groups(cluster)
    spot = {it.group.serves: None for it in groups if it.group.is_meant_for_spot}
    if any(it.group.serves in spot and not it.group.is_meant_for_spot for it in groups):
        first = policy.expander[0] if policy.expander else "chance"
        wrong = f"{first} decides between spot and its fallback"
        yield cluster.found(("autoscaler", "expander"), wrong, "write `expander: priority`")


RULES = (
    Rule(
        code="KT301",
        title="An order of groups that is not read",
        severity="error",
        why="One bad pattern or line voids the whole text: the autoscaler then takes any group,"
        " on-demand among them, and says so in an event that nobody reads. Negative look-ahead,"
        " which is often advised, is not RE2.",
        source=f"{_EXPANDER} and autoscaler#4098",
        failing=_manifest('10: ["^(?!spot).*"]', '50: ["^spot-nodes-"]'),
        passing=_GOOD,
        check=each_cluster(_unreadable),
    ),
    Rule(
        code="KT302",
        title="A pattern that matches no group",
        severity="warning",
        why="It was written for groups that are named otherwise by now, or misspelt; patterns are"
        " searched in `<group>.<cluster>`, in the case in which they are written.",
        source=_EXPANDER,
        failing=_manifest('10: ["^on-demand-"]', '30: ["^spot-workers-"]', '50: ["^spot-nodes-"]'),
        passing=_GOOD,
        check=each_cluster(_matching_nothing),
    ),
    Rule(
        code="KT303",
        title="A group that no pattern matches",
        severity="error",
        why="As soon as another group is matched, this one is left out: it stays at its minimum"
        " while its pods wait.",
        source=_EXPANDER,
        failing=_manifest('50: ["^spot-nodes-"]'),
        passing=_GOOD,
        check=each_cluster(_unmatched),
    ),
    Rule(
        code="KT304",
        title="On-demand asked before spot, or with it",
        severity="error",
        why="The highest number wins; within one tier chance decides. A fallback belongs below"
        " every spot group that it stands in for.",
        source=_EXPANDER,
        failing=_manifest('50: ["^on-demand-"]', '10: ["^spot-nodes-"]'),
        passing=_GOOD,
        check=each_cluster(_spot_not_first),
    ),
    Rule(
        code="KT305",
        title="Another expander than priority between spot and its fallback",
        severity="warning",
        why="least-waste, most-pods and random know neither spot nor prices: they take on-demand"
        " whenever it fits as well.",
        source="https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md"
        "#what-are-expanders",
        failing=Example(spec="autoscaler: {expander: least-waste}"),
        passing=Example(spec="autoscaler: {expander: [priority, least-waste]}"),
        check=each_cluster(_not_by_priority),
    ),
)
