"""Read a comparison and all its scenarios, noting every mistake at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from kingtide.files.reading import read_yaml
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path as FieldPath
from kingtide.fleet.documents.tree import Place
from kingtide.fleet.documents.validation import read
from kingtide.rehearsal.comparison.differences import differences
from kingtide.rehearsal.comparison.model import Comparison, ComparisonSpec, Row
from kingtide.rehearsal.comparison.plan import Plan, PlannedRow, Settings, Skipped
from kingtide.rehearsal.comparison.row_checks import PreparedScenario, planned_row
from kingtide.rehearsal.comparison.tries import planned_tries
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.read import Options
from kingtide.twin.world import World


class Choice(msgspec.Struct, frozen=True):
    """What the command line takes of a comparison; None takes it as it is written."""

    seeds: int | None = None
    rows: tuple[str, ...] = ()


WHOLE = Choice()


def read_comparison(path: Path, choice: Choice = WHOLE) -> Plan:
    """Return what is to be run for a comparison.

    Raises:
        Mistakes: everything that is wrong in it, in its scenarios, and in the choice.
    """
    findings = Findings()
    node = read_yaml(path)
    document, reading = read(Comparison, node, findings)
    if document is None:
        raise findings.as_error()
    noter = Noter(node, findings, reading)
    spec = document.spec
    _check_names(spec, choice, noter)
    rows, skipped = _rows(spec, choice, path.parent, noter)
    base = path.parent / spec.base
    scenarios = dict.fromkeys(path for row in rows for path in row.scenarios)
    found = {scenario: _differences(scenario, base, noter) for scenario in scenarios}
    tries = () if findings else planned_tries(spec, rows, noter, whole=not choice.rows)
    findings.raise_if_any()
    return Plan(
        name=document.metadata.name,
        title=spec.title,
        path=path,
        document=None if spec.document is None else path.parent / spec.document,
        variants=spec.variants,
        reference=spec.reference,
        rows=rows,
        skipped=skipped,
        differences=found,
        tries=tries,
        tries_seeds=_tries_seeds(spec, rows),
    )


def _tries_seeds(spec: ComparisonSpec, rows: tuple[PlannedRow, ...]) -> int:
    """Return the runs of a try: no more than the row itself has, to be compared seed by seed."""
    tried = [row.seeds[spec.reference] for row in rows if row.sensitivity]
    if spec.sensitivity is None or not tried:
        return 0
    return min(spec.sensitivity.seeds, *tried)


def _check_names(spec: ComparisonSpec, choice: Choice, noter: Noter) -> None:
    if spec.reference not in spec.variants:
        advice = did_you_mean(spec.reference, spec.variants, what="variants")
        noter.note(("spec", "reference"), f"there is no variant {spec.reference!r}", advice)
    for name in choice.rows:
        if name not in spec.rows:
            advice = did_you_mean(name, spec.rows, what="rows")
            noter.note_option(f"--row {name}", ValueError(f"there is no such row; {advice}"))


def _rows(
    spec: ComparisonSpec, choice: Choice, folder: Path, noter: Noter
) -> tuple[tuple[PlannedRow, ...], tuple[Skipped, ...]]:
    rows: list[PlannedRow] = []
    skipped: list[Skipped] = []
    prepared: dict[Path, PreparedScenario | None] = {}
    for name, row in spec.rows.items():
        if choice.rows and name not in choice.rows:
            continue
        absent = [needed for needed in row.needs if not (folder / needed).exists()]
        if absent:
            # The last part only: where a machine keeps it is nobody's business.
            listed = ", ".join(Path(needed).name for needed in absent)
            skipped.append(Skipped(name, row.title, f"{listed} is not on this machine"))
            continue
        at: FieldPath = ("spec", "rows", name)
        ready = _once(folder / row.scenario, spec, (*at, "scenario"), noter, prepared)
        other = None
        if row.relative_to is not None:
            path = folder / row.relative_to.scenario
            other = _once(path, spec, (*at, "relativeTo", "scenario"), noter, prepared)
        if ready is None or (row.relative_to is not None and other is None):
            continue
        seeds = _seeds(spec, row, choice)
        planned = planned_row(name, row, ready, other, seeds, spec.reference, noter)
        if planned is not None:
            rows.append(planned)
    return tuple(rows), tuple(skipped)


def _seeds(spec: ComparisonSpec, row: Row, choice: Choice) -> Mapping[str, int]:
    """Return how many runs each variant of a row has."""
    reference = choice.seeds or row.seeds or spec.seeds
    other = choice.seeds or row.variant_seeds or spec.variant_seeds or reference
    return {name: reference if name == spec.reference else other for name in spec.variants}


def _once(
    scenario: Path,
    spec: ComparisonSpec,
    at: FieldPath,
    noter: Noter,
    prepared: dict[Path, PreparedScenario | None],
) -> PreparedScenario | None:
    """Return a prepared scenario, of which mistakes are noted once however many rows name it."""
    if scenario not in prepared:
        prepared[scenario] = _prepared(scenario, spec, at, noter)
    return prepared[scenario]


def _prepared(
    scenario: Path, spec: ComparisonSpec, at: FieldPath, noter: Noter
) -> PreparedScenario | None:
    """Return a scenario as the reference variant has it, None when any variant has mistakes."""
    found: PreparedScenario | None = None
    failed = False
    for variant, settings in spec.variants.items():
        place = noter.place(("spec", "variants", variant))
        try:
            prepared = prepare(scenario, Options(settings=settings))
        except Mistakes as error:
            failed = True
            if not scenario.exists():
                noter.note(at, f"{scenario} does not exist", "name an existing file")
                return None
            noter.findings.extend(_relocated(error, settings, place))
            continue
        if variant == spec.reference:
            series = tuple(World(prepared.definition).observe())
            found = PreparedScenario(scenario, prepared, series)
    return None if failed else found


def _relocated(error: Mistakes, settings: Settings, place: Place) -> Iterator[Mistake]:
    """Return mistakes of settings at the place of the variant that lays them over scenarios."""
    options = {f"--set {setting}" for setting in settings}
    for mistake in error.all:
        if mistake.place.file in options:
            yield msgspec.structs.replace(mistake, place=place)
        else:
            yield mistake


def _differences(scenario: Path, base: Path, noter: Noter) -> tuple[str, ...]:
    try:
        return differences(scenario, base)
    except Mistakes as error:
        noter.findings.extend(error.all)
        return ()
