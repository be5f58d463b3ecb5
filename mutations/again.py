"""The survivors of the kept result once more, on the code as it is and with the tests of now.

A sample is one in so many mutants: when the code has changed it would be other mutants, and the
share would change by luck. So the record keeps its sample, and only what has been noticed since is
no survivor any more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from mutations.explanations import Explanation
from mutations.mutants import Mutant, mutants_of
from mutations.report import UNEXPLAINED, UNTRIED, Count, Result, Survivor, room_of


def present(survivors: Iterable[Survivor], sources: Mapping[str, str]) -> dict[int, Mutant]:
    """Return the mutants that these survivors are now, by the place in `survivors`.

    One is found by its function and its text. Where a function has several alike, and of what has
    changed since, nothing is said unless the line is the same.
    """
    alike: dict[tuple[str, str], list[Mutant]] = defaultdict(list)
    for path, source in sources.items():
        for mutant in mutants_of(path, source):
            file, function, mutation = mutant.key.split(" | ", 2)
            alike[file, f"{function} | {mutation}"].append(mutant)
    found: dict[int, Mutant] = {}
    for index, it in enumerate(survivors):
        file, _, line = it.place.rpartition(":")
        some = alike[f"src/kingtide/{file}", f"{it.function} | {it.mutation}"]
        here = [mutant for mutant in some if mutant.line == int(line)]
        if len(some) == 1 or len(here) == 1:
            found[index] = (some if len(some) == 1 else here)[0]
    return found


def updated(
    result: Result,
    noticed: Mapping[int, Mutant],
    explanations: Sequence[Explanation],
    commit: str,
) -> Result:
    """Return the result without the survivors that have been noticed; `commit` tells at which."""
    rooms = Counter(room_of(it.path) for it in noticed.values())
    kinds = Counter(it.kind for it in noticed.values())
    return msgspec.structs.replace(
        result,
        again_at_commit=commit,
        rooms=_raised(result.rooms, rooms),
        kinds=_raised(result.kinds, kinds),
        survivors=tuple(
            _explained(it, explanations)
            for index, it in enumerate(result.survivors)
            if index not in noticed
        ),
    )


def _raised(counts: Iterable[Count], by: Mapping[str, int]) -> tuple[Count, ...]:
    return tuple(
        msgspec.structs.replace(it, caught=it.caught + by.get(it.name, 0)) for it in counts
    )


def _explained(it: Survivor, explanations: Sequence[Explanation]) -> Survivor:
    if it.why not in (UNEXPLAINED, UNTRIED):
        return it
    path = f"src/kingtide/{it.place.rpartition(':')[0]}"
    key = f"{path} | {it.function} | {it.mutation}"
    said = next((one for one in explanations if one.explains_key(key)), None)
    if said is None:
        return it
    return msgspec.structs.replace(it, why=said.why, because=said.because)
