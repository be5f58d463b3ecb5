"""What a comparison's numbers read like, in a terminal and in a document alike."""

from __future__ import annotations

from kingtide.control.counted import counted
from kingtide.rehearsal.comparison.outcome import Moved, Outcome, RowOutcome, TryOutcome
from kingtide.rehearsal.comparison.ranks import Spread
from kingtide.rehearsal.record import Unit
from kingtide.report.figures import NEVER, UNIT_LABELS, number_text, short_duration


def spread_text(spread: Spread, unit: Unit) -> str:
    """Return `p50 (p90)`, one value where both are the same, and how often it arose if not always.

    "never" stands where the figure did not arise in that share of the runs.
    """
    if spread.arose == 0:
        return "never"
    middle, most = _value(spread.p50, unit), _value(spread.p90, unit)
    text = middle if middle == most else f"{middle} ({most})"
    if spread.arose < spread.runs:
        text += f", in {spread.arose} of {spread.runs} runs"
    return text


def variant_texts(outcome: Outcome, row: RowOutcome) -> list[str]:
    """Return the variants' values; one that is as the reference says so, to be seen at a glance."""
    reference = spread_text(row.variants[outcome.reference], row.unit)
    texts = {variant: spread_text(row.variants[variant], row.unit) for variant in outcome.variants}
    return [
        "same" if text == reference and variant != outcome.reference else text
        for variant, text in texts.items()
    ]


def published_text(row: RowOutcome) -> str:
    """Return what was published, a dash for nothing."""
    return NEVER if row.published is None else row.published


def off_by_text(row: RowOutcome) -> str:
    """Return how far the reference is from what was published."""
    if row.published is None:
        return ""
    if row.off_by is None:
        return "never comes"
    if row.off_by == 0:
        return "agrees"
    sign = "+" if row.off_by > 0 else "−"
    return sign + _value(abs(float(row.off_by)), row.unit)


def try_title(one: TryOutcome) -> str:
    """Return a judged value with what it is."""
    return f"{one.name} ({one.title})" if one.scaled else one.title


def moved_text(moved: Moved) -> tuple[str, str, str]:
    """Return a figure lower, as it is, and higher."""
    low, as_is, high = (_value(v, moved.unit) for v in (moved.low, moved.as_is, moved.high))
    return low, as_is, high


def unmoved_text(outcome: Outcome) -> str:
    """Return which judged values were tried and moved nothing."""
    names = [one.name for one in outcome.tries if not one.moved]
    if not names:
        return "Every judged value moves a figure by more than its resolution."
    return "Tried, and moved no figure by more than its resolution: " + ", ".join(names) + "."


def runs_text(outcome: Outcome) -> str:
    """Return how much was run."""
    text = f"{counted(outcome.runs, 'run')}, {counted(len(outcome.rows), 'row')}"
    if outcome.skipped:
        text += f", {len(outcome.skipped)} skipped"
    return text


def partial_text(outcome: Outcome) -> str:
    """Return what an interrupted comparison's table is of."""
    if not outcome.rows:
        return "PARTIAL: interrupted before any row was complete"
    return f"PARTIAL: interrupted; only the {counted(len(outcome.rows), 'row')} complete by then"


def seeds_text(outcome: Outcome, row: RowOutcome) -> str:
    """Return how many runs a row's values are from."""
    reference = row.variants[outcome.reference].runs
    others = {spread.runs for spread in row.variants.values()} - {reference}
    text = counted(reference, "seed")
    return text + "".join(f" ({count} in other variants)" for count in sorted(others))


def _value(value: float | None, unit: Unit) -> str:
    """Return a value as short as five columns of them need; a row's title says what it counts.

    Durations are as users write them: `41.5s`, `2m36s`, `1h25m`.
    """
    if value is None:
        return "never"
    if unit == "seconds":
        return short_duration(value)
    label = "" if unit in ("pods", "nodes", "count") else f" {UNIT_LABELS[unit]}"
    return number_text(value, unit) + label
