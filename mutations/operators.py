"""What is changed in an expression: comparisons, bounds and guards."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

# The boundary moves by one, and the answer is turned round.
_ORDERINGS: dict[type[ast.cmpop], tuple[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
}
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


class Change:
    """One expression instead of another; `kind` is comparison, boundary, bound or guard."""

    def __init__(self, kind: str, original: ast.expr, instead: ast.expr) -> None:
        self.kind = kind
        self.original = original
        self.instead = ast.copy_location(instead, original)
        ast.fix_missing_locations(self.instead)


def changes_of(node: ast.expr) -> Iterator[Change]:
    """Yield the changes of one expression itself, not of what it contains."""
    match node:
        case ast.Compare():
            yield from _comparisons(node)
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            for bound in (number + 1, number - 1):
                yield Change("bound", node, ast.Constant(bound))
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield Change("guard", node, ast.BoolOp(other, node.values))
            for position, value in enumerate(node.values):
                # `given or 5`: the default is a value; as a condition it cannot be turned.
                if not _is_turned_by_comparison(value) and not isinstance(value, ast.Constant):
                    values = list(node.values)
                    values[position] = _negated(value)
                    yield Change("guard", node, ast.BoolOp(node.op, values))


def condition_change(test: ast.expr) -> Iterator[Change]:
    """Yield the negation of a condition, unless the mutant of its comparison is the same."""
    if not _is_turned_by_comparison(test):
        yield Change("guard", test, _negated(test))


def _comparisons(node: ast.Compare) -> Iterator[Change]:
    for position, operator in enumerate(node.ops):
        pair = _ORDERINGS.get(type(operator))
        if pair is not None:
            yield Change("boundary", node, _with_operator(node, position, pair[0]()))
            yield Change("comparison", node, _with_operator(node, position, pair[1]()))
        else:
            yield Change("comparison", node, _with_operator(node, position, _opposite(operator)))


def _opposite(operator: ast.cmpop) -> ast.cmpop:
    return _OPPOSITES[type(operator)]()


def _with_operator(node: ast.Compare, position: int, operator: ast.cmpop) -> ast.Compare:
    changed = copy.copy(node)
    changed.ops = [*node.ops[:position], operator, *node.ops[position + 1 :]]
    return changed


def _is_turned_by_comparison(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and len(test.ops) == 1


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)
