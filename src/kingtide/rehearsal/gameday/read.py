"""Read a game day from what a user named: a folder, a scenario, or a file of kind GameDay."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kingtide.files.reading import read_yaml
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Map, Place, Scalar, place_of
from kingtide.fleet.documents.validation import read
from kingtide.fleet.policies.written import policy_from
from kingtide.rehearsal.collection import scenario_files
from kingtide.rehearsal.figures import classes_by_priority
from kingtide.rehearsal.gameday.model import GameDay, GameDaySpec
from kingtide.rehearsal.gameday.plan import Plan
from kingtide.rehearsal.gameday.selection import ALL, Selection, selection_of
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.invariants.bounds import Bounds
from kingtide.twin.invariants.sometimes import SOMETIMES

GAME_DAY_FILE = "gameday.yaml"


class Choice(msgspec.Struct, frozen=True):
    """What the command line lays over a game day; None and nothing take it as it is written."""

    seeds: int | None = None
    first_seed: int = 1
    faults: tuple[str, ...] = ()


AS_WRITTEN = Choice()


def read_game_day(path: Path, choice: Choice = AS_WRITTEN) -> Plan:
    """Return what is to be played.

    A folder may hold a gameday.yaml beside its scenario; a scenario alone is played with the
    defaults.

    Raises:
        Mistakes: everything that is wrong in the game day, in its scenario, and in the choice.
    """
    findings = Findings()
    file = _game_day_file(path)
    spec, selection = GameDaySpec(), ALL
    name = ""
    if file is not None:
        node = read_yaml(file)
        document, _ = read(GameDay, node, findings)
        if document is None:
            raise findings.as_error()
        spec, name = document.spec, document.metadata.name
        selection = _selected(spec.faults, place_of(node, ("spec", "faults")), findings)
        _check_reach(spec, place_of(node, ("spec", "reach")), findings)
    if choice.faults:
        option = Place(f"--faults {','.join(choice.faults)}", 0, 0)
        selection = _selected(choice.faults, option, findings)
    scenario = _scenario(path, file, spec)
    try:
        prepared = prepare(scenario)
    except Mistakes as error:
        findings.extend(error.all)
        raise findings.as_error() from error
    findings.raise_if_any()
    return Plan(
        name=name or prepared.scenario.name,
        path=path,
        scenario=scenario,
        first_seed=choice.first_seed,
        seeds=spec.seeds if choice.seeds is None else choice.seeds,
        selection=selection,
        bounds=policy_from(Bounds, spec.bounds, {}),
        reach=tuple(it.name for it in SOMETIMES) if spec.reach is None else spec.reach,
        reach_from=spec.reach_from,
        priority_classes=classes_by_priority(prepared.definition),
    )


def _game_day_file(path: Path) -> Path | None:
    """Return the file of kind GameDay that a path means, None for a scenario alone."""
    if path.is_dir():
        file = path / GAME_DAY_FILE
        return file if file.is_file() else None
    node = read_yaml(path)
    kind = node.get("kind") if isinstance(node, Map) else None
    return path if isinstance(kind, Scalar) and kind.value == "GameDay" else None


def _scenario(path: Path, file: Path | None, spec: GameDaySpec) -> Path:
    if file is not None:
        return file.parent / spec.rehearsal
    found = scenario_files(path)
    if len(found) == 1:
        return found[0]
    findings = Findings()
    wrong = f"holds {len(found)} scenarios; a game day is played on one"
    findings.add(Place(str(path), 0, 0), (), wrong, "name its file")
    raise findings.as_error()


def _selected(words: tuple[str, ...], place: Place, findings: Findings) -> Selection:
    try:
        return selection_of(words)
    except ValueError as error:
        wrong, _, instead = str(error).partition("; ")
        findings.add(place, (), wrong, instead)
        return ALL


def _check_reach(spec: GameDaySpec, place: Place, findings: Findings) -> None:
    known = [it.name for it in SOMETIMES]
    for name in spec.reach or ():
        if name not in known:
            advice = did_you_mean(name, known, what="conditions")
            findings.add(place, (), f"there is no condition {name!r}", advice)
