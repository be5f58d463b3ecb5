"""`kingtide explain FOLDER --at TIME`: what controllers saw, chose and refused around a time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from kingtide.cli.failure import BadInput, ExitCode
from kingtide.control.decision_entry import DecisionEntry
from kingtide.files.reading import read_bytes
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.fields import duration_ms
from kingtide.rehearsal.explanation import Explanation, about, explain_at
from kingtide.rehearsal.scenario.local_time import nearest_ms, time_text
from kingtide.rehearsal.summary import Summary, SummaryError, decode_summary
from kingtide.roster.journal import JournalError, decode_journal, encode_journal

# A night of a thousand nodes leaves some tens of megabytes.
MAX_JOURNAL_BYTES = 2_000_000_000

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
    summary = _summary(folder)
    entries = _journal(folder)
    at_ms = _time(at, summary)
    half_ms = _window_ms(window) // 2
    if controller is not None:
        entries = _of_controller(entries, controller)
    if subject is not None:
        entries = tuple(e for entry in entries if (e := about(entry, subject)) is not None)
        if not entries:
            raise BadInput(
                f"nothing was decided about {subject!r} in this rehearsal",
                hint="without --subject every subject is shown",
            )
    found = explain_at(entries, at_ms, half_ms)
    if json:
        sys.stdout.write(encode_journal(found.entries).decode())
    else:
        _print(found, at, half_ms, summary, outside=_outside(at_ms, at, summary))
    return ExitCode.YES


def _summary(folder: Path) -> Summary:
    try:
        return decode_summary(read_bytes(folder / "summary.json"))
    except Mistakes as error:
        hint = "name a folder that `kingtide rehearse` wrote"
        raise BadInput(str(error), hint=hint) from error
    except SummaryError as error:
        raise BadInput(f"{folder / 'summary.json'}: {error}") from error


def _journal(folder: Path) -> tuple[DecisionEntry, ...]:
    path = folder / "decisions.jsonl"
    try:
        return decode_journal(read_bytes(path, max_bytes=MAX_JOURNAL_BYTES))
    except Mistakes as error:
        raise BadInput(str(error)) from error
    except JournalError as error:
        raise BadInput(f"{path}: {error}") from error


def _time(at: str, summary: Summary) -> int:
    middle_ms = (summary.start_ms + summary.end_ms) // 2
    try:
        return nearest_ms(time_text(at), middle_ms, summary.timezone)
    except ValueError as error:
        wrong, _, hint = str(error).partition("; ")
        raise BadInput(f"--at: {wrong}", hint=hint or None) from error


def _outside(at_ms: int, at: str, summary: Summary) -> str | None:
    """Return that a time lies outside the rehearsal, and its span; None where it lies within."""
    from kingtide.report.clock import clock_text

    if summary.start_ms <= at_ms <= summary.end_ms:
        return None
    start, end = (clock_text(t, summary.timezone) for t in (summary.start_ms, summary.end_ms))
    return f"{at} lies outside the rehearsal, which is from {start} to {end}."


def _window_ms(window: str) -> int:
    try:
        return duration_ms(window)
    except ValueError as error:
        wrong, _, hint = str(error).partition("; ")
        raise BadInput(f"--window: {wrong}", hint=hint or None) from error


def _of_controller(entries: Sequence[DecisionEntry], name: str) -> tuple[DecisionEntry, ...]:
    from kingtide.report.sentences import PHRASES

    known = {**dict.fromkeys(PHRASES), **dict.fromkeys(entry.controller for entry in entries)}
    if name not in known:
        full = SHORT_NAMES.get(name.lower().replace("-", "_"), name)
        raise BadInput(
            f"--controller: there is no controller {name!r}",
            hint=did_you_mean(full, known, what="controllers"),
        )
    return tuple(entry for entry in entries if entry.controller == name)


def _print(
    found: Explanation, at: str, half_ms: int, summary: Summary, *, outside: str | None
) -> None:
    lines: list[str] = [] if outside is None else [outside]
    if not found.within:
        span = f"{half_ms / 1000:g} s"
        lines.append(f"Nothing was decided within {span} of {at}.")
        if not found.entries:
            lines.append("Nothing was decided in the whole rehearsal.")
        else:
            lines.append("The nearest decisions are:")
        lines.append("")
    for entry in found.entries:
        lines.extend(_told(entry, summary.timezone))
    sys.stdout.write("\n".join(lines).rstrip() + "\n")


def _told(entry: DecisionEntry, timezone: str) -> list[str]:
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
