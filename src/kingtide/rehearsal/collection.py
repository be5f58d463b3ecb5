"""Which scenarios a path means: a file, a folder with a rehearsal.yaml, a folder of them."""

from __future__ import annotations

from pathlib import Path

from kingtide.files.reading import read_yaml
from kingtide.fleet.documents.mistakes import Mistake, Mistakes
from kingtide.fleet.documents.tree import Map, Place, Scalar
from kingtide.rehearsal.scenario.layers import extended

MAIN_FILE = "rehearsal.yaml"

COMPARISON_FILE = "comparison.yaml"
"""What makes a folder of scenarios a comparison."""

# More scenarios than anybody reads in one table; a folder with more is the wrong one.
MAX_SCENARIOS = 500


def scenario_files(path: Path) -> tuple[Path, ...]:
    """Return the scenarios of a path, sorted by name.

    In a folder without rehearsal.yaml every file of kind Rehearsal is one, but those that others
    of them extend: a base is run by nobody.

    Raises:
        Mistakes: there is no scenario, or a file of the folder cannot be read.
    """
    if not path.is_dir():
        return (path,)
    if (path / MAIN_FILE).is_file():
        return (path / MAIN_FILE,)
    found: list[Path] = []
    bases: list[Path] = []
    for file in sorted(path.glob("*.yaml")):
        node = read_yaml(file)
        kind = node.get("kind") if isinstance(node, Map) else None
        if not isinstance(kind, Scalar) or kind.value != "Rehearsal":
            continue
        found.append(file)
        base = extended(node)
        if base is not None:
            bases.append((file.parent / str(base.value)).resolve())
    scenarios = tuple(file for file in found if file.resolve() not in bases)
    if not scenarios or len(scenarios) > MAX_SCENARIOS:
        count = f"{len(scenarios):,}" if scenarios else "no"
        wrong = f"holds {count} files of kind Rehearsal and no {MAIN_FILE}"
        raise Mistakes([Mistake(Place(str(path), 0, 0), "", wrong, "name a scenario's file")])
    return scenarios
