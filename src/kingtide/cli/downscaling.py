"""`kingtide downscaling preview`: what a timetable will do, before it does it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from whenever import SYSTEM_TZ, Date

from kingtide.cli.failure import BadInput, ExitCode
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.collection import scenario_files
from kingtide.rehearsal.scenario.read import Options, read_scenario
from kingtide.rehearsal.timetable.days import start_of_day
from kingtide.rehearsal.timetable.encode import encode_previews
from kingtide.rehearsal.timetable.from_fleet import fleet_plans
from kingtide.rehearsal.timetable.from_scenario import runs_downscaling, scenario_plan
from kingtide.rehearsal.timetable.preview import preview
from kingtide.rehearsal.timetable.previewed import Preview
from kingtide.report.timetable_preview import table

FIRST_YEAR, LAST_YEAR = 1970, 9998
"""The time zone database promises clocks from 1970 on (https://data.iana.org/time-zones/theory.html);
dates end with 9999, in which a week may."""


def downscaling(
    action: Literal["preview"],
    path: Path,
    /,
    *,
    week: Annotated[bool, Parameter(negative="")] = False,
    begin: Annotated[str | None, Parameter(name="--from")] = None,
    manifests: Annotated[tuple[Path, ...], Parameter(consume_multiple=True, negative="")] = (),
    cluster: str | None = None,
    settings: Annotated[tuple[str, ...], Parameter(name="--set", negative="")] = (),
    json: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Show when a timetable takes workloads down, day by day, and what that saves.

    Nothing is run or written. Mistakes in time specifications and annotations are told with their
    place.

    Args:
        action: What to do: preview.
        path: A fleet's folder, a scenario's file, or a folder of scenarios.
        week: Show seven days instead of one.
        begin: The first day, as 2026-03-23, instead of the scenario's (of a fleet: today).
        manifests: Of a fleet: YAML files with the workloads and namespaces that it is about.
        cluster: Of a fleet: only this cluster.
        settings: Of a scenario: a setting to lay over it, as rehearse takes; may be repeated.
        json: Print JSON instead of a table.
    """
    del action  # there is only one
    days = 7 if week else 1
    try:
        if (path / "fleet.yaml").is_file():
            _refuse("--set", settings, "it is of scenarios; change the fleet's files")
            found = _of_fleet(path, cluster, manifests, _date(begin), days)
        else:
            _refuse("--manifests", manifests, "it is of fleets; the scenario has its applications")
            _refuse("--cluster", cluster, "it is of fleets; the scenario names its cluster")
            found = _of_scenarios(path, settings, begin, days)
    except Mistakes as error:
        count = len(error.all)
        what = "1 mistake" if count == 1 else f"{count} mistakes"
        raise BadInput(what, details=str(error).splitlines()) from error
    if json:
        sys.stdout.write(encode_previews(found).decode() + "\n")
        return ExitCode.YES
    console = Console()
    for number, one in enumerate(found):
        if number:
            console.print()
        console.print(table(one))
    return ExitCode.YES


def _of_fleet(
    path: Path, cluster: str | None, files: tuple[Path, ...], begin: str | None, days: int
) -> tuple[Preview, ...]:
    date = Date.today(SYSTEM_TZ).format_iso() if begin is None else begin
    return tuple(
        preview(plan, prices) for plan, prices in fleet_plans(path, cluster, files, date, days)
    )


def _of_scenarios(
    path: Path, settings: tuple[str, ...], begin: str | None, days: int
) -> tuple[Preview, ...]:
    """Preview every scenario of a path in which downscaling runs; one that is named must."""
    scenarios = [read_scenario(it, Options(settings=settings)) for it in scenario_files(path)]
    if len(scenarios) > 1:
        scenarios = [it for it in scenarios if runs_downscaling(it)] or scenarios[:1]
    found = []
    for scenario in scenarios:
        date = _date(begin)
        begin_ms = None if date is None else start_of_day(date, scenario.clock.timezone)
        found.append(preview(*scenario_plan(scenario, begin_ms, days)))
    return tuple(found)


def _date(begin: str | None) -> str | None:
    if begin is None:
        return None
    try:
        date = Date.parse_iso(begin)
    except ValueError as error:
        raise BadInput(
            f"--from: {begin!r} is no date", hint="write for example 2026-03-23"
        ) from error
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise BadInput(
            f"--from: {begin} is not within {FIRST_YEAR} and {LAST_YEAR}",
            hint="write for example 2026-03-23",
        )
    return date.format_iso()


def _refuse(option: str, given: object, hint: str) -> None:
    if given not in (None, ()):
        raise BadInput(f"{option} cannot be used here", hint=hint)
