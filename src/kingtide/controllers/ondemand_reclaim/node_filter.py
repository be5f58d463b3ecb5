"""Which nodes are looked at at all: by labels, as draino's --node-label or --node-label-expr."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.controllers.ondemand_reclaim.label_expression import (
    Constant,
    ExpressionError,
    Term,
    parse_expression,
)


def expression_of(required: Sequence[str]) -> str:
    """Return the expression of a list of labels (`key=value`), all of which a node must have.

    A label without a value is had by nodes where it is empty or missing, as in draino.

    Raises:
        ExpressionError: an entry is no `key=value`, or a key stands there twice.
    """
    terms: dict[str, str] = {}
    for entry in required:
        key, equals, value = entry.partition("=")
        if not equals or not key:
            raise ExpressionError(f"{entry!r} is no label; write key=value")
        if key in terms:
            raise ExpressionError(
                f"the label {key} stands there twice; a node has one value of it: "
                "write an expression with || instead"
            )
        terms[key] = f"metadata.labels[{_quoted(key)}] == {_quoted(value)}"
    return " && ".join(terms.values())


def selection_of(required: Sequence[str], expression: str) -> Term:
    """Return what nodes must satisfy, from a list of labels or an expression, not both.

    Raises:
        ExpressionError: both are given, or one cannot be read.
    """
    if required and expression.strip():
        raise ExpressionError("nodeLabels and nodeLabelExpression are both set; write only one")
    text = expression_of(required) if required else expression
    return parse_expression(text) if text.strip() else Constant(True)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
