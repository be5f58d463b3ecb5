"""Label selectors and node selector terms, to and from the API's form."""

from __future__ import annotations

from typing import Any

import msgspec

from kingtide.kube.labels import LabelSelector, NodeSelectorTerm, Requirement, SelectorOperator


class WireRequirement(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """One condition of a selector."""

    key: str
    operator: SelectorOperator
    values: tuple[str, ...] | None = None

    def value(self) -> Requirement:
        """Return the condition."""
        return Requirement(self.key, self.operator, self.values or ())


class WireSelector(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A label selector."""

    match_labels: dict[str, str] | None = None
    match_expressions: tuple[WireRequirement, ...] | None = None

    def value(self) -> LabelSelector:
        """Return the selector."""
        return LabelSelector(
            tuple(sorted((self.match_labels or {}).items())),
            tuple(it.value() for it in self.match_expressions or ()),
        )


class WireNodeTerm(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A term of a node selector."""

    match_expressions: tuple[WireRequirement, ...] | None = None
    match_fields: tuple[WireRequirement, ...] | None = None

    def value(self) -> NodeSelectorTerm:
        """Return the term."""
        return NodeSelectorTerm(
            tuple(it.value() for it in self.match_expressions or ()),
            tuple(it.value() for it in self.match_fields or ()),
        )


def selector_body(selector: LabelSelector) -> dict[str, Any]:
    """Return a label selector as the API writes it."""
    body: dict[str, Any] = {}
    if selector.match_labels:
        body["matchLabels"] = dict(selector.match_labels)
    if selector.match_expressions:
        body["matchExpressions"] = [_requirement_body(it) for it in selector.match_expressions]
    return body


def node_term_body(term: NodeSelectorTerm) -> dict[str, Any]:
    """Return a node selector term as the API writes it."""
    body: dict[str, Any] = {}
    if term.match_expressions:
        body["matchExpressions"] = [_requirement_body(it) for it in term.match_expressions]
    if term.match_fields:
        body["matchFields"] = [_requirement_body(it) for it in term.match_fields]
    return body


def _requirement_body(it: Requirement) -> dict[str, Any]:
    body: dict[str, Any] = {"key": it.key, "operator": it.operator}
    if it.values:
        body["values"] = list(it.values)
    return body
