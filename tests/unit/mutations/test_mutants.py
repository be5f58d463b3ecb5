"""Where mutants are, and the module with one of them."""

from __future__ import annotations

import ast
from pathlib import Path

from mutations.mutants import Mutant, mutants_of, mutated_code

SOURCE = '''
"""Text with 3 numbers."""
LIMIT: Literal[4] = 5


class Queue:
    size: int = 2

    @bounded(6)
    def takes(self, item: Item, most: int = 1) -> bool:
        if (
            item.first[0]
            and item.rest[1:]
        ):
            return any(it for it in item if it.good)
        return len(self) < LIMIT
'''


def mutants() -> list[Mutant]:
    return mutants_of("queue.py", SOURCE)


def test_types_texts_and_plain_indexes_are_left_alone() -> None:
    found = [(it.line, it.mutated) for it in mutants()]
    assert found == [
        (3, "6"),
        (3, "4"),
        (7, "3"),
        (7, "1"),
        (9, "7"),
        (9, "5"),
        (10, "2"),
        (10, "0"),
        (12, "not (item.first[0] and item.rest[1:])"),
        (12, "item.first[0] or item.rest[1:]"),
        (12, "not item.first[0] and item.rest[1:]"),
        (12, "item.first[0] and (not item.rest[1:])"),
        (13, "2"),
        (13, "0"),
        (15, "not it.good"),
        (16, "len(self) <= LIMIT"),
        (16, "len(self) >= LIMIT"),
    ]


def test_what_is_outside_of_functions_tells_the_names_it_defines() -> None:
    outside = {(it.line, it.names) for it in mutants() if it.function is None}
    assert outside == {(3, ("LIMIT",)), (7, ("size",)), (9, ("takes",)), (10, ("takes",))}


def test_what_is_in_a_function_tells_where_its_code_begins_and_which_statement_it_is_in() -> None:
    inside = [it for it in mutants() if it.function is not None]
    assert {it.function for it in inside} == {("Queue.takes", 9)}
    assert [it.statement for it in inside] == [11, 11, 11, 11, 11, 11, 15, 16, 16]


def test_only_a_moved_boundary_is_looked_for_at_equal_sides() -> None:
    assert [(it.mutated, it.edge) for it in mutants() if it.edge] == [
        ("len(self) <= LIMIT", (16, 15))
    ]


def test_each_mutant_changes_its_line_and_nothing_else() -> None:
    before = ast.unparse(ast.parse(SOURCE)).splitlines()
    seen = set()
    for mutant in mutants():
        after = ast.unparse(mutated_code(Path("queue.py"), SOURCE, mutant.number)).splitlines()
        changed = [new for old, new in zip(before, after, strict=True) if old != new]
        assert len(changed) == 1, mutant
        seen.add(changed[0])
    assert len(seen) == len(mutants())


def test_a_key_names_function_and_mutation_and_outlives_other_lines() -> None:
    moved = mutants_of("queue.py", "\n\n" + SOURCE)
    assert [it.key for it in moved] == [it.key for it in mutants()]
    assert mutants()[-1].key == ("queue.py | Queue.takes | len(self) < LIMIT → len(self) >= LIMIT")
