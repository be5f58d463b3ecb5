"""The folder of a rehearsal's report: where it is, what is in it, and how it gets there."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from kingtide.cli.failure import RunFailed
from kingtide.files.writing import NotWritable, check_writable, write_files
from kingtide.rehearsal.prepare import Prepared
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.series_table import encode_series
from kingtide.rehearsal.summary import encode_summary
from kingtide.roster.journal import encode_journal

DEFAULT_FOLDER = Path("rehearsals")
"""Where reports go without --out: rehearsals/<name>-seed-<seed>/ below the current folder."""
REPORT_FILES = ("report.html", "report.png", "summary.json", "series.csv", "decisions.jsonl")
"""What a report's folder holds."""


def report_folder(prepared: Prepared, out: Path | None, *, several: bool) -> Path:
    """Return the folder of a scenario's report; of several each has one of its own in `out`."""
    name = f"{prepared.scenario.name}-seed-{prepared.scenario.seed}"
    if out is None:
        return DEFAULT_FOLDER / name
    return out / name if several else out


def check_report_writable(folder: Path) -> None:
    """Check that a report can be written, before anything is run.

    Raises:
        RunFailed: it cannot.
    """
    try:
        check_writable(folder, REPORT_FILES)
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another folder with --out") from error


def write_report(record: RunRecord, folder: Path) -> None:
    """Write all files of a record, or none of them.

    Raises:
        RunFailed: they cannot be made or written.
    """
    from kingtide.report import html, png

    try:
        contents = (
            html.render(record).encode(),
            png.render(record),
            encode_summary(record),
            encode_series(record),
            encode_journal(record.decisions),
        )
        write_files(folder, dict(zip(REPORT_FILES, contents, strict=True)))
    except html.PageTooBig as error:
        raise RunFailed(str(error), hint="rehearse a shorter time with --until") from error
    except html.PageAssetsMissing as error:
        raise RunFailed(str(error), hint="install the package with pip, which builds it") from error
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another folder with --out") from error


def show_report(record: RunRecord, folder: Path) -> None:
    """Print a record's summary and where its report is."""
    from kingtide.report import table

    console = Console()
    console.print(table.summary(record))
    console.print(f"\nReport: {folder / 'report.html'}", highlight=False, soft_wrap=True)
