"""`kingtide rehearse` on a folder with a comparison.yaml: all its runs, one table, its document."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
from rich.console import Console

from kingtide.cli.failure import BadInput, ExitCode, Refused, RunFailed
from kingtide.cli.progress import runs_shown
from kingtide.files.writing import NotWritable, write_file
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.comparison.compare import compare, jobs_of
from kingtide.rehearsal.comparison.outcome import Outcome, RowOutcome
from kingtide.rehearsal.comparison.plan import Plan
from kingtide.rehearsal.comparison.read import WHOLE, Choice, read_comparison
from kingtide.rehearsal.processes import default_processes
from kingtide.report.comparison import comparison
from kingtide.report.comparison_markdown import NoMarkers, insert, markdown


def compare_published(
    path: Path, choice: Choice, *, jobs: int | None, json: bool, quiet: bool
) -> ExitCode:
    """Run a comparison, print its table and write its document.

    The document is written by whole comparisons only: it says what the file says. Ctrl-C leaves
    the table of what was complete, marked as partial, and the exit code 130.

    Raises:
        BadInput: the comparison, a scenario or the document has mistakes; nothing was run.
        Refused: a row's own expectation is not met.
    """
    if jobs is not None and jobs < 1:
        raise BadInput(f"--jobs {jobs} runs nothing", hint="write 1 or more")
    if choice.seeds is not None and choice.seeds < 1:
        raise BadInput(f"--seeds {choice.seeds} runs nothing", hint="write 1 or more")
    try:
        plan = read_comparison(path, choice)
    except Mistakes as error:
        count = len(error.all)
        what = "1 mistake" if count == 1 else f"{count} mistakes"
        raise BadInput(f"{what}, nothing was run", details=str(error).splitlines()) from error
    writes = choice == WHOLE and plan.document is not None
    if writes:
        _document_with(plan, "")  # before minutes of work, not after
    total = sum(len(job.seeds) for job in jobs_of(plan))
    with runs_shown(plan.name, total, "runs", quiet=quiet) as progress:
        outcome = compare(plan, jobs or default_processes(), progress)
    writes = writes and not outcome.partial
    if writes:
        _write(plan, outcome)
    if json:
        text = msgspec.json.format(msgspec.json.encode(outcome), indent=2)
        sys.stdout.write(text.decode() + "\n")
    elif not quiet:
        _show(plan, outcome, written=writes)
    if outcome.partial:
        return ExitCode.INTERRUPTED
    _judge(outcome)
    return ExitCode.YES


def _document_with(plan: Plan, tables: str) -> str:
    assert plan.document is not None  # asked for before
    try:
        text = plan.document.read_text(encoding="utf-8")
    except OSError as error:
        wrong = f"{plan.document} cannot be read ({error.strerror})"
        raise BadInput(wrong, hint="make the document, with the comparison's markers") from error
    try:
        return insert(text, plan.name, tables)
    except NoMarkers as error:
        raise BadInput(f"{plan.document} {error}") from error


def _write(plan: Plan, outcome: Outcome) -> None:
    assert plan.document is not None  # asked for before
    text = _document_with(plan, markdown(outcome))
    try:
        write_file(plan.document, text.encode())
    except NotWritable as error:
        raise RunFailed(str(error), hint="allow writing, or print with --json") from error


def _show(plan: Plan, outcome: Outcome, *, written: bool) -> None:
    console = Console()
    console.print(comparison(outcome))
    if plan.document is None:
        return
    why = "the comparison is partial" if outcome.partial else "seeds or rows were chosen"
    kept = "" if written else f" is left as it is: {why}"
    console.print(f"\nDocument: {plan.document}{kept}", highlight=False, soft_wrap=True)


def _judge(outcome: Outcome) -> None:
    if outcome.failed:
        count = len(outcome.failed)
        what = "1 row is" if count == 1 else f"{count} rows are"
        raise Refused(f"{what} not what was expected", details=[_told(r) for r in outcome.failed])


def _told(row: RowOutcome) -> str:
    assert row.expectation is not None  # only such rows fail
    actual = row.expectation.actual
    shown = "it never arose" if actual is None else f"it is {actual:g}"
    return f"expected {row.expectation.expression}, but {shown} ({row.title})"
