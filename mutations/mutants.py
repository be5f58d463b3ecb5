"""The mutants of a module: where they are, what they change, and the module with one of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from mutations.operators import Change, changes_of, condition_change

Function = ast.FunctionDef | ast.AsyncFunctionDef
_LONGEST_TEXT = 90


class Mutant(msgspec.Struct, frozen=True):
    """One change of one expression.

    `number` counts within the file. `function` is the outermost function around it, by
    `qualname` and first line (of the first decorator, as code objects have it); None outside
    of functions, where `names` are what the statement defines. `line` 1 is the first.
    `statement` is the line of the innermost statement, whose execution reaches the mutant.
    """

    path: str
    number: int
    line: int
    statement: int
    kind: str
    original: str
    mutated: str
    function: tuple[str, int] | None
    names: tuple[str, ...] = ()
    edge: tuple[int, int] | None = None

    @property
    def key(self) -> str:
        """What it is called as long as its function and its text stay."""
        where = self.function[0] if self.function else "·".join(self.names)
        return f"{self.path} | {where} | {self.original} → {self.mutated}"


class _Place(NamedTuple):
    """What is around an expression."""

    function: tuple[str, int] | None
    statement: int
    names: tuple[str, ...]
    scope: str


class _Found(NamedTuple):
    change: Change
    place: _Place


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return all mutants of a module, in the order of its text."""
    return [
        _mutant(path, number, found.change, found.place)
        for number, found in enumerate(_walk_module(ast.parse(source)))
    ]


def mutated_code(path: Path, source: str, number: int) -> ast.Module:
    """Return the module's tree with the change of this number made."""
    tree = ast.parse(source)
    for position, found in enumerate(_walk_module(tree)):
        if position == number:
            _Replace(found.change).visit(tree)
            return ast.fix_missing_locations(tree)
    raise ValueError(f"{path} has no mutant {number}")


class _Replace(ast.NodeTransformer):
    def __init__(self, change: Change) -> None:
        self._change = change

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self._change.original:
            return self._change.instead
        result: ast.AST = self.generic_visit(node)
        return result


def _mutant(path: str, number: int, change: Change, place: _Place) -> Mutant:
    node = change.original
    is_edge = change.kind == "boundary" and isinstance(node, ast.Compare) and len(node.ops) == 1
    return Mutant(
        path=path,
        number=number,
        line=node.lineno,
        statement=place.statement,
        kind=change.kind,
        original=_text(node),
        mutated=_text(change.instead),
        function=place.function,
        names=place.names,
        edge=(node.lineno, node.col_offset) if is_edge else None,
    )


def _text(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def _walk_module(tree: ast.Module) -> Iterator[_Found]:
    for statement in tree.body:
        yield from _walk(statement, _Place(None, statement.lineno, (), ""))


def _walk(node: ast.AST, place: _Place) -> Iterator[_Found]:
    """Yield what can be changed in `node`, itself first."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, Function):
        yield from _walk_function(node, place)
        return
    if isinstance(node, ast.ClassDef):
        inside = place._replace(scope=f"{place.scope}{node.name}.")
        for child in (*node.decorator_list, *node.keywords, *node.body):
            yield from _walk(child, inside)
        return
    if isinstance(node, ast.stmt):
        names = _defined(node) if place.function is None else ()
        place = place._replace(statement=node.lineno, names=names)
    if isinstance(node, ast.expr):
        for change in changes_of(node):
            yield _Found(change, place)
    for test in _conditions(node):
        for change in condition_change(test):
            yield _Found(change, place)
    for child in _children(node):
        yield from _walk(child, place)


def _conditions(node: ast.AST) -> list[ast.expr]:
    """Return the conditions that decide what is done next."""
    match node:
        case ast.If() | ast.While() | ast.IfExp():
            return [node.test]
        case ast.comprehension():
            return node.ifs
        case ast.match_case() if node.guard is not None:
            return [node.guard]
        case _:
            return []


def _walk_function(node: Function, place: _Place) -> Iterator[_Found]:
    outside = place._replace(names=(node.name,)) if place.function is None else place
    keyword_defaults = [it for it in node.args.kw_defaults if it is not None]
    for default in (*node.decorator_list, *node.args.defaults, *keyword_defaults):
        yield from _walk(default, outside)
    if place.function is None:
        first = min((node.lineno, *(it.lineno for it in node.decorator_list)))
        function = (f"{place.scope}{node.name}", first)
        place = place._replace(function=function, names=())
    for child in node.body:
        yield from _walk(child, place)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is inside and can change what the program does: no types, no plain indexes."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "pattern", "type_params"):
            continue
        if isinstance(node, ast.Subscript) and name == "slice" and not _is_slice(node):
            if not _is_number(node.slice):
                yield node.slice
            continue
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST):
                yield child


def _is_slice(node: ast.Subscript) -> bool:
    return isinstance(node.slice, ast.Slice)


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant)


def _defined(node: ast.stmt) -> tuple[str, ...]:
    """Return the names a statement outside of functions gives a value."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets = [node.target]
    return tuple(it.id for it in targets if isinstance(it, ast.Name))
