"""The priority expander's ConfigMap: which groups are to be asked before which.

Key `priorities`, YAML, integer -> list of regular expressions of Go (RE2) that are searched
anywhere in a group's name. Source:
https://github.com/kubernetes-sigs/cluster-autoscaler/blob/33c3f97b/pkg/expander/priority/priority.go
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import re2
import yaml

from kingtide.fleet.expander_priorities import PRIORITIES_KEY

MAX_CONFIG_BYTES = 1_048_576
"""A ConfigMap cannot be larger (https://kubernetes.io/docs/concepts/configuration/configmap/,
v1.36).
"""

LOWEST_TIER = -1
"""Tiers below this can never win: the real program starts its search for the maximum here."""

ConfigProblem = Literal["missing", "empty", "yaml", "regex"]


class Tier(msgspec.Struct, frozen=True, gc=False):
    """A priority with the patterns that lift a group to it."""

    priority: int
    patterns: tuple[str, ...]


class Priorities(msgspec.Struct, frozen=True):
    """What the ConfigMap says: tiers, highest first, or the problem that voids it."""

    tiers: tuple[Tier, ...] = ()
    problem: ConfigProblem | None = None
    detail: str = ""


def read_priorities(text: str | None) -> Priorities:
    """Return the tiers in the ConfigMap's text, None for no ConfigMap or no such key.

    One bad entry voids the whole: a half-read order could put on-demand before spot.
    """
    if text is None:
        return Priorities(problem="missing", detail=f"there is no key {PRIORITIES_KEY}")
    if not text.strip():
        return Priorities(problem="empty", detail=f"{PRIORITIES_KEY} is empty")
    if len(text) > MAX_CONFIG_BYTES:
        return Priorities(problem="yaml", detail="larger than a ConfigMap can be")
    try:
        tiers = _tiers(yaml.load(text, Loader=_TextLoader))
    except (yaml.YAMLError, _NotTiers, RecursionError, ValueError) as error:
        return Priorities(problem="yaml", detail=" ".join(str(error).split()))
    for tier in tiers:
        for pattern in tier.patterns:
            refusal = _refusal(pattern)
            if refusal is not None:
                return Priorities(problem="regex", detail=f"{pattern!r}: {refusal}")
    return Priorities(tiers=tiers)


def tier_of(name: str, priorities: Priorities) -> int | None:
    """Return the highest priority with a pattern that is found in a group's name.

    None when none is.
    """
    for tier in priorities.tiers:
        if any(re2.search(pattern, name) is not None for pattern in tier.patterns):
            return int(tier.priority)
    return None


def highest_tier(names: Sequence[str], priorities: Priorities) -> tuple[str, ...]:
    """Return the groups that stand in the highest tier present, in their order.

    All when none stands in any.

    Groups that no pattern matches are left out as soon as another one matches.
    """
    if priorities.problem is not None:
        return tuple(names)
    tiers = {name: tier_of(name, priorities) for name in names}
    best = max((tier for tier in tiers.values() if tier is not None), default=LOWEST_TIER - 1)
    if best < LOWEST_TIER:
        return tuple(names)
    return tuple(name for name in names if tiers[name] == best)


class _NotTiers(Exception):
    """The YAML is fine but is no mapping from integers to lists of texts."""


class _TextLoader(yaml.SafeLoader):
    """Safe YAML in which only integers and null are resolved: every other scalar is a pattern."""


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag.endswith((":int", ":null", ":merge"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Whole(int):
    """A whole number that remembers how it was written: as a pattern, `007` is not 7."""

    text: str


def _construct_whole(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> _Whole:
    number = _Whole(loader.construct_yaml_int(node))
    number.text = str(node.value)
    return number


_TextLoader.add_constructor("tag:yaml.org,2002:int", _construct_whole)


def _tiers(document: object) -> tuple[Tier, ...]:
    if not isinstance(document, Mapping):
        raise _NotTiers("write a mapping from integers to lists of patterns")
    tiers = []
    for priority, patterns in document.items():
        if isinstance(priority, bool) or not isinstance(priority, int):
            raise _NotTiers(f"{priority!r} is no whole number")
        listed = [] if patterns is None else patterns
        if not isinstance(listed, list):
            raise _NotTiers(f"{priority} holds {patterns!r}; write a list of patterns")
        if any(isinstance(it, list | Mapping) for it in listed):
            raise _NotTiers(f"{priority} holds something that is no pattern")
        tiers.append(Tier(int(priority), tuple(_pattern(it) for it in listed)))
    return tuple(sorted(tiers, key=lambda tier: -tier.priority))


def _pattern(scalar: object) -> str:
    if scalar is None:
        return ""
    return scalar.text if isinstance(scalar, _Whole) else str(scalar)


def _refusal(pattern: str) -> str | None:
    """Return why Go's regular expressions refuse a pattern, None if they take it."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        return str(error)
    return None
