"""Which tests are run on a mutant, in which order: those that reach it, the nearest quick first."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from mutations.mutants import Mutant
from mutations.reach import Reach
from mutations.trial import Chosen, Trial

# A test of the room itself notices more than one that passes by: it may cost this much more.
_NEARNESS = 4


class Chooser:
    """Chooses tests by what each reached."""

    def __init__(self, reached: Mapping[str, Reach], sources: Mapping[str, str]) -> None:
        self._cpu_ms = {name: it.cpu_ms for name, it in reached.items()}
        self._by_line: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._by_edge: dict[tuple[str, int, int], set[str]] = defaultdict(set)
        self._by_file: dict[str, set[str]] = defaultdict(set)
        for name, reach in reached.items():
            for path, lines in reach.lines.items():
                self._by_file[path].add(name)
                for line in lines:
                    self._by_line[path, line].add(name)
            for path, places in reach.edges.items():
                for place in places:
                    self._by_edge[(path, *place)].add(name)
        self._users = _lines_by_name(sources)

    def choose(self, mutant: Mutant, digest: str, cpu_ms: int) -> Trial:
        """Return the trial of a mutant, with tests of at most `cpu_ms` altogether; at least one."""
        names = self._in_order(mutant)
        chosen: list[Chosen] = []
        left = cpu_ms
        for name in names:
            left -= self._cpu_ms[name]
            if chosen and left < 0:
                break
            chosen.append(Chosen(name, self._cpu_ms[name]))
        return Trial(
            mutant,
            digest,
            tuple(chosen),
            is_complete=len(chosen) == len(names),
            is_afresh=mutant.function is None,
        )

    def _reaching(self, mutant: Mutant) -> set[str]:
        if mutant.function is None:
            return self._using(mutant)
        if mutant.edge is not None:
            return self._by_edge[(mutant.path, *mutant.edge)]
        return self._by_line[mutant.path, mutant.statement]

    def _using(self, mutant: Mutant) -> set[str]:
        """Return the tests that execute a statement with one of the names a mutant defines."""
        lines = {place for name in mutant.names for place in self._users[name]}
        users: set[str] = set()
        return (
            users.union(*(self._by_line[it] for it in sorted(lines))) or self._by_file[mutant.path]
        )

    def _in_order(self, mutant: Mutant) -> list[str]:
        """Return the tests that reach a mutant, all files in turn, for a file's tests are alike."""
        spent_ms: dict[str, int] = defaultdict(int)
        ordered: list[tuple[int, str]] = []
        for name in sorted(self._reaching(mutant), key=lambda it: (self._cpu_ms[it], it)):
            file = name.partition("::")[0]
            spent_ms[file] += self._cpu_ms[name]
            nearness = 1 if _is_near(mutant.path, name) else _NEARNESS
            ordered.append((spent_ms[file] * nearness, name))
        return [name for _, name in sorted(ordered)]


def _is_near(path: str, nodeid: str) -> bool:
    """Return whether a test lies where the tests of the module's room are."""
    room = PurePosixPath(path).parent.relative_to("src/kingtide").as_posix()
    return nodeid.startswith(f"tests/unit/{room}/")


def _lines_by_name(sources: Mapping[str, str]) -> dict[str, set[tuple[str, int]]]:
    """Return where a name, an attribute or a keyword is used: the statement's line."""
    used: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for path, source in sources.items():
        for statement in _statements(ast.parse(source)):
            for node in _own(statement):
                name = _name(node)
                if name is not None:
                    used[name].add((path, statement.lineno))
    return used


def _statements(tree: ast.AST) -> Iterable[ast.stmt]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _own(statement: ast.stmt) -> Iterable[ast.AST]:
    """Yield what is in a statement, without the statements inside it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(it for it in ast.iter_child_nodes(node) if not isinstance(it, ast.stmt))


def _name(node: ast.AST) -> str | None:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.keyword():
            return node.arg
        case _:
            return None


def read_sources(folders: Iterable[str]) -> dict[str, str]:
    """Return the modules of these folders by path."""
    files = sorted(file for folder in folders for file in Path(folder).rglob("*.py"))
    return {file.as_posix(): file.read_text(encoding="utf-8") for file in files}
