"""`kingtide gameday`: many seeds of one rehearsal with faults; what broke, and how to see it."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console

from kingtide.cli.failure import BadInput, ExitCode, Refused, RunFailed
from kingtide.cli.progress import runs_shown
from kingtide.files.writing import NotWritable, check_writable, write_files
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.gameday.outcome import Outcome
from kingtide.rehearsal.gameday.plan import Plan
from kingtide.rehearsal.gameday.read import Choice, read_game_day
from kingtide.rehearsal.processes import default_processes

FILES = ("gameday.json", "gameday.txt")
"""What --out's folder holds: everything for a program, every seed for a reader."""

WIDTH = 160
"""Columns of gameday.txt, which no terminal wraps."""


def gameday(
    path: Path,
    /,
    *,
    seeds: int | None = None,
    from_seed: int = 1,
    faults: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    jobs: int | None = None,
    out: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
    all_seeds: Annotated[bool, Parameter(name="--all", negative="")] = False,
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Play many seeds of a rehearsal with faults, and tell what broke and how to see it again.

    Each seed draws its faults, runs with them, and then without: everything must heal. Invariants
    are checked all the while. Ends with 1 when one was broken in any seed; for each such seed the
    fewest faults that break it are found, and the command that replays it is printed. Ctrl-C leaves
    the table of the seeds that were finished.

    Args:
        path: A scenario, a folder with one (and perhaps a gameday.yaml), or a file of kind GameDay.
        seeds: How many seeds are played, instead of what gameday.yaml says (200).
        from_seed: The first of them.
        faults: Kinds of faults that may happen, or single ones by name (ice#2), separated by
            commas; none for none. All that are drawn otherwise.
        jobs: Processes that run at once, instead of one a CPU.
        out: A folder to write gameday.json and gameday.txt to.
        json: Print the outcome as JSON instead of a table.
        all_seeds: Show every seed, not just those that failed or were hit worst.
        quiet: Print nothing but what broke.
    """
    plan = _plan(path, seeds, from_seed, faults)
    if jobs is not None and jobs < 1:
        raise BadInput(f"--jobs {jobs} runs nothing", hint="write 1 or more")
    if out is not None:
        _check_writable(out)  # before minutes of work, not after
    from kingtide.rehearsal.gameday.play import play

    with runs_shown(plan.name, plan.seeds, "seeds", quiet=quiet) as progress:
        outcome = play(plan, jobs or default_processes(), progress)
    if out is not None:
        _write(outcome, out)
    if json and not quiet:
        sys.stdout.write(_encoded(outcome).decode() + "\n")
    elif not quiet:
        _show(outcome, out, all_seeds=all_seeds)
    if outcome.partial:
        return ExitCode.INTERRUPTED
    _judge(outcome)
    return ExitCode.YES


def _plan(path: Path, seeds: int | None, from_seed: int, faults: tuple[str, ...]) -> Plan:
    if seeds is not None and seeds < 1:
        raise BadInput(f"--seeds {seeds} plays nothing", hint="write 1 or more")
    if from_seed < 0:
        raise BadInput(f"--from-seed {from_seed} is negative", hint="write 0 or more")
    words = tuple(word for text in faults for word in text.split(","))
    try:
        return read_game_day(path, Choice(seeds, from_seed, words))
    except Mistakes as error:
        count = len(error.all)
        what = "1 mistake" if count == 1 else f"{count} mistakes"
        raise BadInput(f"{what}, nothing was played", details=str(error).splitlines()) from error


def _check_writable(folder: Path) -> None:
    try:
        check_writable(folder, FILES)
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another folder with --out") from error


def _encoded(outcome: Outcome) -> bytes:
    return msgspec.json.format(msgspec.json.encode(outcome), indent=2)


def _write(outcome: Outcome, folder: Path) -> None:
    from kingtide.report.game_day import game_day

    console = Console(width=WIDTH, record=True, file=StringIO(), color_system=None)
    console.print(game_day(outcome, all_seeds=True))
    contents = (_encoded(outcome), console.export_text().encode())
    try:
        write_files(folder, dict(zip(FILES, contents, strict=True)))
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another folder with --out") from error


def _show(outcome: Outcome, out: Path | None, *, all_seeds: bool) -> None:
    from kingtide.report.game_day import game_day

    console = Console()
    console.print(game_day(outcome, all_seeds=all_seeds))
    if out is not None:
        console.print(f"\nOutcome: {out / FILES[0]}", highlight=False, soft_wrap=True)


def _judge(outcome: Outcome) -> None:
    from kingtide.report.game_day import failure_lines

    if outcome.failed:
        count = len(outcome.failed)
        what = "1 seed broke something" if count == 1 else f"{count} seeds broke something"
        details = [line for seed in outcome.failed for line in failure_lines(outcome, seed)]
        raise Refused(what, details=details[:60])
    if outcome.unreached:
        names = [f"{it.name}: {it.sentence}" for it in outcome.unreached]
        what = "1 condition was" if len(names) == 1 else f"{len(names)} conditions were"
        hint = "play more seeds, or name in gameday.yaml what this rehearsal can reach (reach:)"
        raise Refused(f"{what} never reached", details=names, hint=hint)
