"""Everything before a run: the scenario read, its world built, its expectations checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.tree import place_of
from kingtide.rehearsal.building.world import build_world
from kingtide.rehearsal.expectations import check_expectation
from kingtide.rehearsal.figures import catalogue
from kingtide.rehearsal.scenario.read import AS_WRITTEN, Options, Scenario, read_scenario
from kingtide.twin.definition import WorldDefinition


class Prepared(msgspec.Struct, frozen=True):
    """A scenario that is ready to run."""

    scenario: Scenario
    definition: WorldDefinition


def prepare_all(paths: Sequence[Path], options: Options = AS_WRITTEN) -> tuple[Prepared, ...]:
    """Return several scenarios with their worlds, which all need names of their own.

    Raises:
        Mistakes: everything that is wrong in any of them.
    """
    findings = Findings()
    found: dict[str, Prepared] = {}
    for path in paths:
        try:
            one = prepare(path, options)
        except Mistakes as error:
            findings.extend(error.all)
            continue
        scenario, at = one.scenario, ("metadata", "name")
        if scenario.name in found:
            other = found[scenario.name].scenario.path
            wrong = f"{path.name} and {other.name} are both called {scenario.name!r}"
            findings.add(place_of(scenario.node, at), at, wrong, "give each its own name")
        found[scenario.name] = one
    findings.raise_if_any()
    return tuple(found.values())


def prepare(path: Path, options: Options = AS_WRITTEN) -> Prepared:
    """Return a scenario with its world.

    Raises:
        Mistakes: everything that is wrong in the scenario, in files it names, and in the options.
    """
    scenario = read_scenario(path, options)
    definition = build_world(scenario)
    findings = Findings()
    units = {spec.name: spec.unit for spec in catalogue(definition)}
    for index, expectation in enumerate(scenario.expectations):
        try:
            check_expectation(expectation, units)
        except ValueError as error:
            at = ("spec", "expect", index)
            wrong, _, instead = str(error).partition("; ")
            findings.add(place_of(scenario.node, at), at, wrong, instead)
    findings.raise_if_any()
    return Prepared(scenario, definition)
