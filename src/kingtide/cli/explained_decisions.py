"""`kingtide explain FOLDER --at TIME`: what controllers saw, chose and refused around a time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from kingtide.cli.failure import BadInput, ExitCode
from kingtide.control.decision_entry import DecisionEntry
from kingtide.files.reading import read_bytes
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.fields import duration_ms
from kingtide.operate.running.journal import FORMER, JOURNAL
from kingtide.rehearsal.explanation import Explanation, about, explain_at
from kingtide.rehearsal.scenario.local_time import date_clock_text, nearest_ms, time_text
from kingtide.rehearsal.summary import Summary, SummaryError, decode_summary
from kingtide.roster.journal import JournalError, decode_journal, encode_journal
from kingtide.roster.naming import meant

# A night of a thousand nodes leaves some tens of megabytes.
MAX_JOURNAL_BYTES = 2_000_000_000

REHEARSAL, JOURNAL_OF_A_RUN = "rehearsal", "journal"


class Span(NamedTuple):
    """When what was recorded happened; a time of day means the one nearest to `nearest_to_ms`."""

    what: str
    timezone: str
    start_ms: int
    end_ms: int
    nearest_to_ms: int


SHORT_NAMES = {
    "hpa": "horizontal_pod_autoscaling",
    "cluster_autoscaler": "node_autoscaling",
    "cluster_proportional_autoscaler": "overprovisioning",
}
"""What people call a controller whose name here is too unlike to be found by its letters."""


def explain_decisions(
    folder: Path, *, at: str, controller: str | None, window: str, subject: str | None, json: bool
) -> ExitCode:
    """Print the decisions around a time; `json` prints them as JSON lines."""
    entries, span = recorded(folder)
    at_ms = _time(at, span)
    half_ms = _window_ms(window) // 2
    if not entries and span.what == JOURNAL_OF_A_RUN:
        sys.stdout.write("" if json else "Nothing has been decided yet.\n")
        return ExitCode.YES
    if controller is not None:
        entries = of_controller(entries, controller)
    if subject is not None:
        entries = tuple(e for entry in entries if (e := about(entry, subject)) is not None)
        if not entries:
            raise BadInput(
                f"nothing was decided about {subject!r} in this {span.what}",
                hint="without --subject every subject is shown",
            )
    found = explain_at(entries, at_ms, half_ms)
    if json:
        sys.stdout.write(encode_journal(found.entries).decode())
    else:
        _print(found, at, half_ms, span, outside=_outside(at_ms, at, span))
    return ExitCode.YES


def recorded(folder: Path) -> tuple[tuple[DecisionEntry, ...], Span]:
    """Return the decisions of a rehearsal's folder, or of a running process's, and their span.

    Raises:
        BadInput: it is neither, or its files cannot be read.
    """
    if is_journal_of_a_run(folder):
        files = [it for it in (folder / FORMER, folder / JOURNAL) if it.is_file()]
        entries = tuple(entry for it in files for entry in _decisions(it, _text_of(it)))
        start_ms = entries[0].at_ms if entries else 0
        end_ms = entries[-1].at_ms if entries else 0
        return entries, Span(JOURNAL_OF_A_RUN, "UTC", start_ms, end_ms, end_ms)
    summary = _summary(folder)
    start_ms, end_ms = summary.start_ms, summary.end_ms
    entries = _decisions(folder / JOURNAL, _text_of(folder / JOURNAL))
    middle_ms = (start_ms + end_ms) // 2
    return entries, Span(REHEARSAL, summary.timezone, start_ms, end_ms, middle_ms)


def is_journal_of_a_run(folder: Path) -> bool:
    """Return whether a folder is one that `kingtide run` writes: it has decisions and no end."""
    return (folder / JOURNAL).is_file() and not (folder / "summary.json").exists()


def _summary(folder: Path) -> Summary:
    try:
        return decode_summary(read_bytes(folder / "summary.json"))
    except Mistakes as error:
        hint = "name a folder that `kingtide rehearse` wrote, or `kingtide run`"
        raise BadInput(str(error), hint=hint) from error
    except SummaryError as error:
        raise BadInput(f"{folder / 'summary.json'}: {error}") from error


def _text_of(path: Path) -> bytes:
    """Return the whole lines of a journal: the last one may be being written."""
    try:
        text = read_bytes(path, max_bytes=MAX_JOURNAL_BYTES)
    except Mistakes as error:
        raise BadInput(str(error)) from error
    return text[: text.rfind(b"\n") + 1]


def _decisions(path: Path, text: bytes) -> tuple[DecisionEntry, ...]:
    try:
        return decode_journal(text)
    except JournalError as error:
        raise BadInput(f"{path}: {error}") from error


def _time(at: str, span: Span) -> int:
    try:
        return nearest_ms(time_text(at), span.nearest_to_ms, span.timezone)
    except ValueError as error:
        wrong, _, hint = str(error).partition("; ")
        raise BadInput(f"--at: {wrong}", hint=hint or None) from error


def _outside(at_ms: int, at: str, span: Span) -> str | None:
    """Return that a time lies outside what was recorded; None where it lies within."""
    from kingtide.report.clock import clock_text

    if span.start_ms <= at_ms <= span.end_ms:
        return None
    # A journal may span weeks, where a time of day alone would not tell.
    shown = clock_text if span.what == REHEARSAL else date_clock_text
    start, end = (shown(it, span.timezone) for it in (span.start_ms, span.end_ms))
    return f"{at} lies outside the {span.what}, which is from {start} to {end}."


def _window_ms(window: str) -> int:
    try:
        return duration_ms(window)
    except ValueError as error:
        wrong, _, hint = str(error).partition("; ")
        raise BadInput(f"--window: {wrong}", hint=hint or None) from error


def of_controller(entries: Sequence[DecisionEntry], name: str) -> tuple[DecisionEntry, ...]:
    """Return the decisions of one controller.

    Raises:
        BadInput: there is none of that name.
    """
    from kingtide.report.sentences import PHRASES

    known = {**dict.fromkeys(PHRASES), **dict.fromkeys(entry.controller for entry in entries)}
    found = meant(name, known)
    if found is None:
        full = SHORT_NAMES.get(name.lower().replace("-", "_"), name)
        raise BadInput(
            f"--controller: there is no controller {name!r}",
            hint=did_you_mean(full, known, what="controllers"),
        )
    return tuple(entry for entry in entries if entry.controller == found)


def _print(found: Explanation, at: str, half_ms: int, span: Span, *, outside: str | None) -> None:
    lines: list[str] = [] if outside is None else [outside]
    if not found.within:
        within = f"{half_ms / 1000:g} s"
        lines.append(f"Nothing was decided within {within} of {at}.")
        if not found.entries:
            lines.append(f"Nothing was decided in the whole {span.what}.")
        else:
            lines.append("The nearest decisions are:")
        lines.append("")
    for entry in found.entries:
        lines.extend(told_lines(entry, span.timezone))
    sys.stdout.write("\n".join(lines).rstrip() + "\n")


def told_lines(entry: DecisionEntry, timezone: str) -> list[str]:
    """Return the lines that tell a decision, the last one empty."""
    from kingtide.report.clock import clock_text
    from kingtide.report.plain import plain
    from kingtide.report.seen_sentences import seen_text
    from kingtide.report.sentences import told

    lines = [f"{clock_text(entry.at_ms, timezone)} {entry.controller}"]
    seen = seen_text(entry.report.saw)
    if seen:
        lines.append(f"  saw {plain(seen)}")
    lines.extend(f"  {plain(sentence)}" for sentence in told(entry))
    lines.append("")
    return lines
