"""Which scenarios a path means: a file, a folder with a rehearsal.yaml, a folder of them."""

from __future__ import annotations

from pathlib import Path

from kingtide.files.reading import read_yaml
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.tree import Map, Place, Scalar
from kingtide.rehearsal.scenario.layers import extended

MAIN_FILE = "rehearsal.yaml"

COMPARISON_FILE = "comparison.yaml"
"""What makes a folder of scenarios a comparison."""

FLEET_FILE = "fleet.yaml"
"""What makes a folder a fleet's."""

SCENARIOS_OF_FLEET = "rehearsals"
"""The folder of a fleet that has more scenarios than one."""

# More scenarios than anybody reads in one table; a folder with more is the wrong one.
MAX_SCENARIOS = 500


def scenario_files(path: Path) -> tuple[Path, ...]:
    """Return the scenarios of a path, sorted by name.

    In a fleet's folder they are its rehearsal.yaml, or those of its folder rehearsals. In another
    folder without rehearsal.yaml every file of kind Rehearsal, or that extends another one, is
    a scenario. One that others extend and that extends nothing itself is their base, not run.

    Raises:
        Mistakes: there is no scenario, or files of the folder cannot be read.
    """
    if not path.is_dir():
        return (path,)
    if (path / MAIN_FILE).is_file():
        return (path / MAIN_FILE,)
    if (path / FLEET_FILE).is_file():
        path = path / SCENARIOS_OF_FLEET
    findings = Findings()
    extends: dict[Path, Path | None] = {}
    for file in sorted(path.glob("*.yaml")):
        try:
            node = read_yaml(file)
            base = extended(node)
        except Mistakes as error:
            findings.extend(error.all)
            continue
        kind = node.get("kind") if isinstance(node, Map) else None
        if base is not None:
            extends[file] = (file.parent / str(base.value)).resolve()
        elif isinstance(kind, Scalar) and kind.value == "Rehearsal":
            extends[file] = None
    findings.raise_if_any()
    bases = [base for base in extends.values() if base is not None]
    scenarios = tuple(
        file for file, base in extends.items() if base is not None or file.resolve() not in bases
    )
    if not scenarios or len(scenarios) > MAX_SCENARIOS:
        count = f"{len(scenarios):,}" if scenarios else "no"
        wrong = f"holds {count} files of kind Rehearsal and no {MAIN_FILE}"
        raise Mistakes([Mistake(Place(str(path), 0, 0), "", wrong, "name a scenario's file")])
    return scenarios
