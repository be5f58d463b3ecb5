"""Which test executes which statement, and which comparison it meets with both sides equal.

A pytest plugin: the modules to be mutated are compiled with a mark before each statement in a
function. An ordering whose boundary moves (`<` to `<=`) answers otherwise only where both sides
are equal, so a test in which they never are cannot notice and is not tried.

Marks instead of a tracer: property tests and rehearsals run a million statements.
"""

from __future__ import annotations

import ast
import operator
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import decode_source
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import pytest

from mutations.caches import clear_caches

ROOMS = ("kingtide.control", "kingtide.controllers")
_MARKS = 1 << 16
# An exit code that no uncaught error and no pytest gives.
TESTS_FAIL = 64
_ORDERINGS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class Reach(msgspec.Struct):
    """What one test reached, by file: lines of statements, and of comparisons with equal sides.

    `cpu_ms` is the processor time of the test with its fixtures.
    """

    cpu_ms: int
    lines: dict[str, list[int]]
    edges: dict[str, list[tuple[int, int]]]


class Marks:
    """The marks of one process: places by number, and which of them were met."""

    def __init__(self) -> None:
        self._met = bytearray(_MARKS)
        self._places: list[tuple[str, int, int]] = []
        self._buffer = np.frombuffer(self._met, dtype=np.uint8)

    def number(self, path: str, line: int, column: int = -1) -> int:
        """Return a number for a statement, or with a column for a comparison."""
        self._places.append((path, line, column))
        if len(self._places) > _MARKS:
            raise RuntimeError(f"more than {_MARKS} places to mark")
        return len(self._places) - 1

    def take(self) -> list[tuple[str, int, int]]:
        """Return the places met since the last time."""
        met = [self._places[number] for number in np.flatnonzero(self._buffer).tolist()]
        self._buffer[:] = 0
        return met

    def into(self, module: ModuleType) -> None:
        """Give a module the names its marks use."""
        module.__dict__["__met__"] = self._met
        for kind, compare in _ORDERINGS.items():
            module.__dict__[f"__{kind.__name__}__"] = _edge(self._met, compare)


def _edge(met: bytearray, compare: Callable[[Any, Any], Any]) -> Callable[[int, Any, Any], Any]:
    def compared(number: int, left: Any, right: Any) -> Any:
        if not met[number]:
            equal = left == right
            # An array's answer is an array; whoever compares arrays is always tried.
            if equal if isinstance(equal, bool) else np.any(equal):
                met[number] = 1
        return compare(left, right)

    return compared


class Marking(ast.NodeTransformer):
    """Puts marks into the functions of a module."""

    def __init__(self, path: str, marks: Marks) -> None:
        self._path = path
        self._marks = marks
        self._depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Mark what is in a function; not its docstring."""
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Mark each statement of a block, and compare with a look at the sides."""
        super().generic_visit(node)
        if not self._depth:
            return node
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                setattr(node, block, [it for each in statements for it in self._marked(each)])
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _ORDERINGS:
            number = self._marks.number(self._path, node.lineno, node.col_offset)
            return ast.copy_location(
                ast.Call(
                    ast.Name(f"__{type(node.ops[0]).__name__}__", ast.Load()),
                    [ast.Constant(number), node.left, *node.comparators],
                    [],
                ),
                node,
            )
        return node

    def _marked(self, statement: ast.stmt) -> Sequence[ast.stmt]:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if is_text or isinstance(statement, ast.Nonlocal | ast.Global):
            return (statement,)
        number = self._marks.number(self._path, statement.lineno)
        mark = ast.parse(f"__met__[{number}] = 1").body[0]
        for node in ast.walk(mark):
            ast.copy_location(node, statement)
        return (mark, statement)


class MarkingImporter(MetaPathFinder, Loader):
    """Imports the rooms to be mutated with marks."""

    def __init__(self, root: Path, marks: Marks) -> None:
        self._root = root
        self._marks = marks

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Take over the modules of the rooms."""
        if not any(fullname == it or fullname.startswith(f"{it}.") for it in ROOMS):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = self
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Run a module with marks."""
        assert module.__file__ is not None
        file = Path(module.__file__)
        path = file.relative_to(self._root).as_posix()
        tree = ast.parse(decode_source(file.read_bytes()))
        marked = ast.fix_missing_locations(Marking(path, self._marks).visit(tree))
        self._marks.into(module)
        exec(compile(marked, str(file), "exec", dont_inherit=True), module.__dict__)


class ReachPlugin:
    """Writes for each test that passes what it reached."""

    def __init__(self, root: Path, result: Path) -> None:
        self._marks = Marks()
        self._result = result
        self._left_out: set[str] = set()
        self.failed: dict[str, None] = {}
        """Tests, and files that could not be collected, in the order in which they failed."""
        self._cpu_ns: dict[str, int] = {}
        self._met: dict[str, set[tuple[str, int, int]]] = {}
        self._fixtures: dict[str, set[tuple[str, int, int]]] = defaultdict(set)
        self._running = ""
        sys.meta_path.insert(0, MarkingImporter(root, self._marks))
        sys.addaudithook(self._audit)
        start = BaseProcess.start

        def noted(self: BaseProcess) -> None:
            started()
            start(self)

        started = self._starts_process
        BaseProcess.start = noted  # type: ignore[method-assign]  # raises no audit event

    def _audit(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if event in ("subprocess.Popen", "os.fork"):
            self._starts_process()

    def _starts_process(self) -> None:
        """Leave a test out: the process it starts would import the code as it is written."""
        self._left_out.add(self._running)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        """What a fixture of a file reaches counts for every test of the file."""
        clear_caches()
        self._marks.take()
        self._running = item.nodeid
        self._cpu_ns[item.nodeid] = -time.process_time_ns()
        yield
        self._fixtures[_file(item.nodeid)].update(self._marks.take())

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """Note what the test itself reaches."""
        yield
        self._met[item.nodeid] = set(self._marks.take())
        self._cpu_ns[item.nodeid] += time.process_time_ns()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that cannot be imported."""
        if report.failed:
            self.failed[report.nodeid] = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that is skipped without mutants judges none."""
        if report.skipped:
            self._left_out.add(report.nodeid)
        elif report.failed:
            self.failed[report.nodeid] = None

    def pytest_sessionfinish(self) -> None:
        """Write the result, unless tests failed: they would notice every mutant."""
        if self.failed:
            return
        found = {
            name: self._reach(name, met)
            for name, met in self._met.items()
            if name not in self._left_out
        }
        self._result.write_bytes(msgspec.json.encode(found))

    def _reach(self, name: str, met: set[tuple[str, int, int]]) -> Reach:
        lines: dict[str, list[int]] = defaultdict(list)
        edges: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for path, line, column in sorted(met | self._fixtures[_file(name)]):
            if column < 0:
                lines[path].append(line)
            else:
                edges[path].append((line, column))
        return Reach(max(1, self._cpu_ns[name] // 1_000_000), lines, edges)


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def main(result: str, *paths: str) -> int:
    """Run the tests of these paths with marks; `TESTS_FAIL` and no result where one does."""
    plugin = ReachPlugin(Path.cwd(), Path(result))
    arguments = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--timeout", "0", *paths]
    status = pytest.main(arguments, plugins=[plugin])
    if plugin.failed:
        names = "".join(f"\n  {name}" for name in plugin.failed)
        sys.stderr.write(f"error: fails without any mutant:{names}\n")
        return TESTS_FAIL
    # 5: files without a test.
    return 0 if status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
