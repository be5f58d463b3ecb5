"""`kingtide rehearse`: run scenarios in the twin, tell what came out, and leave a report."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console

from kingtide.cli.failure import BadInput, ExitCode, Refused
from kingtide.cli.progress import progress_shown
from kingtide.cli.report_folder import (
    check_report_writable,
    report_folder,
    show_report,
    write_report,
)
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.collection import COMPARISON_FILE, scenario_files
from kingtide.rehearsal.expectations import told
from kingtide.rehearsal.prepare import Prepared, prepare_all
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.scenario.read import Options
from kingtide.rehearsal.summary import encode_summary, summarize

if TYPE_CHECKING:
    from kingtide.rehearsal.run import Run


def rehearse(
    path: Path,
    /,
    *,
    seed: int | None = None,
    settings: Annotated[tuple[str, ...], Parameter(name="--set", negative="")] = (),
    until: str | None = None,
    cluster: str | None = None,
    out: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
    quiet: Annotated[bool, Parameter(negative="")] = False,
    seeds: int | None = None,
    rows: Annotated[tuple[str, ...], Parameter(name="--row", negative="")] = (),
    jobs: int | None = None,
) -> ExitCode:
    """Run a scenario in the twin, print its figures and write a report.

    Writes report.html, report.png, summary.json, series.csv and decisions.jsonl. Ends with 1 when
    an expectation of the scenario is not met. Ctrl-C leaves a report of what was run so far.

    A folder with a comparison.yaml is compared instead: every row, variant and seed is run, one
    table shows what was published and what is rehearsed, and the document it names is written.

    Args:
        path: A scenario's file, or a folder: of one, of several, of a fleet with its rehearsal.yaml
            or rehearsals/, or with a comparison.yaml.
        seed: Where every chance comes from, instead of the scenario's seed.
        settings: A setting to lay over the scenario, as policies.hpa.target=0.7; may be repeated.
        until: A local time at which the rehearsal ends earlier.
        cluster: Another cluster of the scenario's fleet, for the same evening.
        out: The folder to write to (of several, one in it each), not rehearsals/<name>-seed-<seed>.
        json: Print the summary as JSON instead of a table.
        quiet: Print nothing but failed expectations and mistakes.
        seeds: Of a comparison: runs of every row and variant, instead of those it names.
        rows: Of a comparison: only this row; may be repeated.
        jobs: Of a comparison: processes that run at once, instead of one a CPU.
    """
    if (path / COMPARISON_FILE).is_file():
        laid_over = {
            "--seed": seed,
            "--set": settings,
            "--until": until,
            "--cluster": cluster,
            "--out": out,
        }
        _refuse(laid_over, f"{path} is a comparison, whose file says it; use --seeds and --row")
        return _compare_published(path, seeds, rows, jobs, json=json, quiet=quiet)
    of_comparison = {"--seeds": seeds, "--row": rows, "--jobs": jobs}
    _refuse(of_comparison, f"{path} has no {COMPARISON_FILE}; use --seed and --set")
    prepared = _prepare(path, Options(seed, settings, until, cluster))
    return _rehearse_all(prepared, out, json=json, quiet=quiet)


def _rehearse_all(
    prepared: Sequence[Prepared], out: Path | None, *, json: bool, quiet: bool
) -> ExitCode:
    """Run scenarios one after another; of several each gets a folder of its own in `out`."""
    folders = [report_folder(one, out, several=len(prepared) > 1) for one in prepared]
    for folder in folders:
        # Before the first run: nobody should learn after minutes that they were for nothing.
        check_report_writable(folder)
    records: list[RunRecord] = []
    for one, folder in zip(prepared, folders, strict=True):
        record = _run(one, quiet=quiet)
        write_report(record, folder)
        records.append(record)
        if not quiet and not json:
            show_report(record, folder)
        if record.partial:
            break
    if json and not quiet:
        _print_json(records, several=len(prepared) > 1)
    elif len(records) > 1 and not quiet:
        _compare(records)
    if records[-1].partial:
        return ExitCode.INTERRUPTED
    _judge(records)
    return ExitCode.YES


def _refuse(options: Mapping[str, object], hint: str) -> None:
    given = [name for name, value in options.items() if value not in (None, ())]
    if given:
        raise BadInput(f"{', '.join(given)} cannot be used here", hint=hint)


def _compare_published(
    path: Path,
    seeds: int | None,
    rows: tuple[str, ...],
    jobs: int | None,
    *,
    json: bool,
    quiet: bool,
) -> ExitCode:
    from kingtide.cli.comparison import compare_published
    from kingtide.rehearsal.comparison.read import Choice

    choice = Choice(seeds=seeds, rows=rows)
    return compare_published(path / COMPARISON_FILE, choice, jobs=jobs, json=json, quiet=quiet)


def _prepare(path: Path, options: Options) -> tuple[Prepared, ...]:
    """Return every scenario of a path, ready; all mistakes of all of them are told at once."""
    try:
        return prepare_all(scenario_files(path), options)
    except Mistakes as error:
        raise _bad_input(error) from error


def _bad_input(error: Mistakes) -> BadInput:
    count = len(error.all)
    what = "1 mistake" if count == 1 else f"{count} mistakes"
    return BadInput(f"{what}, nothing was run", details=str(error).splitlines())


def _run(prepared: Prepared, *, quiet: bool) -> RunRecord:
    # The twin is imported once there is something to run: mistakes are told without it.
    from kingtide.rehearsal.run import NothingRecorded, Run

    definition, clock = prepared.definition, prepared.scenario.clock
    run = Run(prepared)
    shown = progress_shown(
        prepared.scenario.name,
        definition.start_ms - definition.warm_up_ms,
        definition.end_ms,
        clock.timezone,
        quiet=quiet,
    )
    with shown as progress, _stopped_by_interrupt(run):
        try:
            return run.record(progress)
        except NothingRecorded as error:
            raise KeyboardInterrupt from error


@contextmanager
def _stopped_by_interrupt(run: Run) -> Iterator[None]:
    """Let the first Ctrl-C end the run with what it has, a second one end the command."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        run.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _compare(records: Sequence[RunRecord]) -> None:
    from kingtide.report.table_side_by_side import compare

    console = Console()
    console.print()
    console.print(compare(*records))


def _print_json(records: Sequence[RunRecord], *, several: bool) -> None:
    if several:
        text = msgspec.json.format(msgspec.json.encode([summarize(r) for r in records]), indent=2)
    else:
        text = encode_summary(records[0]).rstrip()
    sys.stdout.write(text.decode() + "\n")


def _judge(records: Sequence[RunRecord]) -> None:
    """Fail with every expectation that was not met, each with both figures."""
    failed = [
        (f"{record.name}: " if len(records) > 1 else "") + told(result, record.figures)
        for record in records
        for result in record.expectations
        if not result.passed
    ]
    if failed:
        what = "1 expectation is" if len(failed) == 1 else f"{len(failed)} expectations are"
        raise Refused(f"{what} not met", details=failed)
