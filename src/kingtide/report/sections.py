"""The written parts of the page: header, verdict, headline, figures, notes; no script needed."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.rehearsal.record import ExpectationResult, Figure, RunRecord
from kingtide.report.clock import clock_text, duration_text, span_text
from kingtide.report.figures import NEVER, grouped, value_text
from kingtide.report.headline import tiles
from kingtide.report.markup import isolated, table, text
from kingtide.report.worst import worst_moments

FIGURES_MAX = 700
EXPECTATIONS_MAX = 200
NOTES_MAX = 100
"""Rows a page shows of each, which keeps its text below 250 kB; summary.json has them all."""

WAVE = (
    '<svg viewBox="0 0 26 18" aria-hidden="true"><path d="M1 8c3-6 6-6 9 0s6 6 9 0 4-4 6-3"/>'
    '<path d="M1 14c3-4 6-4 9 0s6 4 9 0 4-3 6-2" opacity=".55"/></svg>'
)


def header(record: RunRecord) -> str:
    """Return what was run: scenario, cluster, time, seed and hash."""
    span = span_text(record.start_ms, record.end_ms, record.timezone)
    facts = [
        f"cluster <b>{isolated(record.cluster)}</b>",
        f"<b>{text(span)}</b> {text(record.timezone)}",
        f"seed <b>{record.seed}</b>",
        f"trace <b><code>{text(record.trace_hash[:12])}</code></b>",
    ]
    items = "".join(f"<span>{fact}</span>" for fact in facts)
    return (
        f'<header><p class="brand">{WAVE}Kingtide rehearsal</p>'
        f'<h1>{isolated(record.name)}</h1><div class="facts">{items}</div>'
        f"{_partial(record)}{verdict(record.expectations)}{_tiles(record)}</header>"
    )


def _partial(record: RunRecord) -> str:
    if not record.partial:
        return ""
    share = (record.reached_ms - record.start_ms) / max(record.end_ms - record.start_ms, 1)
    reached = clock_text(record.reached_ms, record.timezone)
    return (
        f'<div class="banner" role="note"><b>Partial run.</b> It was stopped at {text(reached)}, '
        f"{share:.0%} of the planned time; figures and expectations cover only that.</div>"
    )


def verdict(results: Sequence[ExpectationResult]) -> str:
    """Return the expectations: one line when all are met, the unmet ones first otherwise."""
    if not results:
        return ""
    unmet = [result for result in results if not result.passed]
    if unmet:
        title = f"{len(unmet)} of {len(results)} expectations not met"
    else:
        title = (
            "The expectation is met"
            if len(results) == 1
            else f"All {len(results)} expectations met"
        )
    shown = sorted(results, key=lambda result: result.passed)[:EXPECTATIONS_MAX]
    head = ('<th scope="col">Expected</th>', '<th scope="col" class="number">Came out</th>')
    body = table("", (*head, '<th scope="col">Verdict</th>'), (_expectation(r) for r in shown))
    badge = f'<span class="badge" aria-hidden="true">{"✗" if unmet else "✓"}</span>'
    state, is_open = ("verdict failed", " open") if unmet else ("verdict", "")
    return (
        f'<div class="{state}"><h2>{badge}{text(title)}</h2><details{is_open}>'
        f'<summary>Expectations</summary><div class="scroll">{body}</div></details></div>'
    )


def _expectation(result: ExpectationResult) -> str:
    actual = NEVER if result.actual is None else f"{result.actual:,.6g}"
    word = "met" if result.passed else "not met"
    badge = "✓" if result.passed else "✗"
    state = "badge" if result.passed else "badge no"
    return (
        f'<tr><td><code>{text(result.expression)}</code></td><td class="number">{text(actual)}</td>'
        f'<td><span class="{state}" aria-hidden="true">{badge}</span> {word}</td></tr>'
    )


def _tiles(record: RunRecord) -> str:
    cells = "".join(
        f"<div><dt>{text(tile.title)}</dt><dd class='value'>{_large(tile.value)}</dd>"
        f"<dd class='note'>{text(tile.note)}</dd></div>"
        for tile in tiles(record)
    )
    return f'<dl class="tiles">{cells}</dl>' if cells else ""


def _large(value: str) -> str:
    """Return a value with its unit in smaller type, where it is one number and one unit."""
    number, _, unit = value.partition(" ")
    if not unit or " " in unit or not number[:1].isdigit():
        return text(value)
    return f"{text(number)} <small>{text(unit)}</small>"


def worst(record: RunRecord) -> str:
    """Return the buttons that take the reader to each worst moment."""
    buttons = "".join(
        f'<li><button type="button" data-jump="{moment.at_ms}" data-panel="{moment.panel}">'
        f"<b>{text(moment.title)}</b><span>{text(moment.value)} at "
        f"{text(clock_text(moment.at_ms, record.timezone))}</span></button></li>"
        for moment in worst_moments(record)
    )
    if not buttons:
        return ""
    return (
        '<section aria-labelledby="worst-title"><div class="section-head">'
        '<h2 id="worst-title">Jump to the worst</h2></div>'
        f'<ul class="worst">{buttons}</ul><p class="hint muted">Plots hold one value every '
        f"{text(duration_text(record.step_seconds))}; figures also count what came between."
        "</p></section>"
    )


def figures(record: RunRecord) -> str:
    """Return every figure of the summary in tables, grouped."""
    rest = FIGURES_MAX
    tables = []
    for title, group in grouped(record.figures).items():
        rows = [_figure(key, figure) for key, figure in group.items()][: max(rest, 0)]
        rest -= len(group)
        if rows:
            head = '<th scope="col">Figure</th>', '<th scope="col" class="number">Value</th>'
            tables.append(table(title, head, rows))
    more = f"<p>{-rest} more figures are in summary.json.</p>" if rest < 0 else ""
    return (
        '<section aria-labelledby="figures-title"><h2 id="figures-title">All figures</h2>'
        f'<div class="card figures">{"".join(tables)}</div>{more}</section>'
    )


def _figure(key: str, figure: Figure) -> str:
    value = value_text(figure.value, figure.unit)
    return (
        f'<tr><td title="{text(key)}">{isolated(figure.title)}</td>'
        f'<td class="number">{text(value)}</td></tr>'
    )


def notes(record: RunRecord) -> str:
    """Return the assumptions that a reader must know."""
    if not record.notes:
        return ""
    items = "".join(f"<li>{isolated(note)}</li>" for note in record.notes[:NOTES_MAX])
    hidden = len(record.notes) - NOTES_MAX
    more = f"<li>and {hidden} more in summary.json</li>" if hidden > 0 else ""
    return (
        '<section aria-labelledby="notes-title"><h2 id="notes-title">Assumptions</h2>'
        f'<ul class="card notes">{items}{more}</ul></section>'
    )


def provenance(record: RunRecord) -> str:
    """Return what the run is reproduced from: full hash, step and versions."""
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    step = duration_text(record.step_seconds)
    return (
        f"<p>Seed {record.seed}, one value every {text(step)}, made with {text(versions)}.</p>"
        f"<p>Trace hash <code>{text(record.trace_hash)}</code></p>"
    )
