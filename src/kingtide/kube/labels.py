"""Label selectors and node selector terms: what matches what.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ and
https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/ (v1.36).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

# A label value has at most 63 characters, so the digits need no bound.
_INTEGER = re.compile(r"[+-]?[0-9]+")

SelectorOperator = Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]


class Requirement(msgspec.Struct, frozen=True, gc=False):
    """One condition on a label (or, in `match_fields`, on a field).

    `Gt` and `Lt` are for nodes only.
    """

    key: str
    operator: SelectorOperator
    values: tuple[str, ...] = ()


class LabelSelector(msgspec.Struct, frozen=True, gc=False):
    """All labels and all expressions must match; an empty selector matches everything."""

    match_labels: tuple[tuple[str, str], ...] = ()
    match_expressions: tuple[Requirement, ...] = ()


class NodeSelectorTerm(msgspec.Struct, frozen=True, gc=False):
    """A term of node affinity: all its requirements must match; an empty term matches no node."""

    match_expressions: tuple[Requirement, ...] = ()
    match_fields: tuple[Requirement, ...] = ()


def requirement_matches(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    """Return whether labels satisfy one requirement.

    An absent key satisfies NotIn and DoesNotExist.
    """
    value = labels.get(requirement.key)
    match requirement.operator:
        case "In":
            return value is not None and value in requirement.values
        case "NotIn":
            return value is None or value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            return _compares(requirement, value)


def selector_matches(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Return whether a label selector selects an object with these labels."""
    # Loops, not generators: every new kind of pod is held against every selector.
    for key, value in selector.match_labels:
        if labels.get(key) != value:
            return False
    for requirement in selector.match_expressions:
        if not requirement_matches(requirement, labels):
            return False
    return True


def term_matches(term: NodeSelectorTerm, labels: Mapping[str, str], name: str) -> bool:
    """Return whether a node with these labels and this name satisfies a node selector term."""
    if not term.match_expressions and not term.match_fields:
        return False
    fields = {"metadata.name": name}
    return all(requirement_matches(r, labels) for r in term.match_expressions) and all(
        requirement_matches(r, fields) for r in term.match_fields
    )


def _compares(requirement: Requirement, value: str | None) -> bool:
    if value is None or len(requirement.values) != 1:
        return False
    left, right = _integer(value), _integer(requirement.values[0])
    if left is None or right is None:
        return False
    return left > right if requirement.operator == "Gt" else left < right


def _integer(text: str) -> int | None:
    """Return the 64-bit integer that a text is in Go's eyes, None when it is none.

    Python's `int` would also read `1_000`, which is a valid label value and no number in Kubernetes
    (strconv.ParseInt with base 10).
    """
    if _INTEGER.fullmatch(text) is None:
        return None
    value = int(text)
    return value if -(1 << 63) <= value < 1 << 63 else None
