"""A timetable's preview as a table: when each workload is up, day by day, and what that saves."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from kingtide.rehearsal.timetable.days import Day, days_of
from kingtide.rehearsal.timetable.previewed import Preview, Row
from kingtide.report.plain import plain

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOUR_MS = 3_600_000
_MICRO = 1_000_000


def table(preview: Preview) -> RenderableType:
    """Return a preview for a terminal; days that are alike share a line."""
    shown = Table(box=None, pad_edge=False, header_style="dim")
    shown.add_column("Workload", overflow="fold")
    shown.add_column("pods", justify="right", no_wrap=True)
    shown.add_column("up", overflow="fold")
    shown.add_column("down", justify="right", no_wrap=True)
    shown.add_column("saves", justify="right", no_wrap=True)
    shown.add_column("USD", justify="right", no_wrap=True)
    for row in preview.rows:
        shown.add_row(*_cells(row, preview))
    is_priced = any(row.saved_micro_usd is not None for row in preview.rows)
    total = f"{preview.saved_micro_usd / _MICRO:,.2f}" if is_priced else ""
    shown.add_row("total", "", "", "", _pod_hours(sum(r.saved_pod_ms for r in preview.rows)), total)
    head = Text(f"{plain(preview.name)}, times of {preview.timezone}", style="bold")
    notes = [Text(f"– {text}", style="dim") for text in preview.assumptions]
    return Group(head, Text(), shown, Text(), *notes)


def _cells(row: Row, preview: Preview) -> tuple[str, ...]:
    name = plain(f"{row.kind} {row.namespace}/{row.name}")
    if row.note:
        return name, "", plain(row.note), "", "", ""
    days = days_of(row.stretches, preview.from_ms, preview.until_ms, preview.timezone)
    pods = "" if row.pods_up is None else f"{row.pods_up:,} / {row.pods_down:,}"
    saved = "" if row.saved_micro_usd is None else f"{row.saved_micro_usd / _MICRO:,.2f}"
    down = f"{row.down_ms / _HOUR_MS:,.1f} h"
    return name, pods, "\n".join(_lines(days)), down, _pod_hours(row.saved_pod_ms), saved


def _lines(days: Iterable[Day]) -> list[str]:
    """Return `Mon 23 Mar – Fri 27 Mar  08:00-19:00` for every run of days that are alike."""
    lines = []
    for up, run in groupby(days, key=lambda day: day.up):
        alike = list(run)
        first, last = _day(alike[0]), _day(alike[-1])
        span = first if len(alike) == 1 else f"{first} – {last}"
        hours = ", ".join(up) if up else "down"
        lines.append(f"{span}  {'up' if hours == '00:00-24:00' else hours}")
    return lines


def _day(day: Day) -> str:
    date = day.date
    return f"{_DAYS[date.day_of_week().value - 1]} {date.day} {_MONTHS[date.month - 1]}"


def _pod_hours(milliseconds: int) -> str:
    return f"{milliseconds / _HOUR_MS:,.0f} pod-h" if milliseconds else ""
