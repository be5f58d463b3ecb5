"""The rules of the house that a machine can see; docs/architecture.md says why they are rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path for folder in ("src", "setup", "benchmarks") for path in (ROOT / folder).rglob("*.py")
)

# 300 lines want an argument, 500 are the end: then a module holds more than one rule.
MODULE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
# Names that say nothing about what is inside, so that everything ends up there.
EMPTY_NAMES = {"utils", "util", "common", "core", "helpers", "helper", "manager", "base", "misc"}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_module_is_one_rule_long(module: Path) -> None:
    lines = len(module.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_LINES_MAX, f"{relative(module)} has {lines} lines; divide it by rule"


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_function_fits_on_a_screen(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    long = [
        f"{function.name} has {lines} lines"
        for function in functions(tree)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert not long, f"{relative(module)}: {long}"


def test_no_folder_or_module_has_a_name_that_says_nothing() -> None:
    paths = [*MODULES, *(ROOT / "tests").rglob("*.py")]
    empty = [relative(path) for path in paths if EMPTY_NAMES & {path.stem, path.parent.name}]
    assert not empty


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.txt")), ids=relative)
def test_a_lock_has_a_hash_for_every_package_and_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    entries = text.replace("\\\n", "").splitlines()
    packages = [line for line in entries if line and line[0] not in "# "]
    assert packages
    assert [line for line in packages if "--hash=sha256:" not in line] == []


def test_the_npm_lock_has_integrity_and_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity": "sha512-' in text
    assert "://" not in text


def test_continuous_integration_runs_what_a_developer_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert script[1:] == ["exec make test"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
